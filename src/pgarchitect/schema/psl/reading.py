"""``schema.prisma`` → :class:`PrismaSchema`: of one file, or of all files of a folder."""

from collections.abc import Mapping
from pathlib import Path

from pgarchitect.errors import SchemaInvalid
from pgarchitect.schema.psl.configuration import datasource_of, generator_of
from pgarchitect.schema.psl.diagnostics import Diagnostics
from pgarchitect.schema.psl.documentation import documented
from pgarchitect.schema.psl.enums import enum_of
from pgarchitect.schema.psl.models import ModelReader
from pgarchitect.schema.psl.parser import parse
from pgarchitect.schema.psl.prisma_schema import Datasource, Generator, PrismaSchema
from pgarchitect.schema.psl.relations import resolved
from pgarchitect.schema.psl.schema_rules import check
from pgarchitect.schema.psl.scope import Placed, Scope
from pgarchitect.schema.psl.syntax import Block


def read_schema(path: Path) -> PrismaSchema:
    """Read a file, or every ``*.prisma`` file of a folder and the folders in it.

    Raises:
        SchemaInvalid: a file cannot be read, or has errors; the message has all of them.
    """
    return parse_schema(schema_sources(path))


def schema_sources(path: Path) -> Mapping[str, str]:
    """File name → text of the files that make up a schema, by name.

    Raises:
        SchemaInvalid: there is none, or one cannot be read.
    """
    files = sorted(path.rglob("*.prisma")) if path.is_dir() else [path]
    if not files:
        raise SchemaInvalid(f"{path} holds no file *.prisma; name the schema's file or folder.")
    try:
        return {str(each): each.read_text(encoding="utf-8") for each in files}
    except UnicodeDecodeError as error:
        raise SchemaInvalid(f"{error.object[:0].decode()}{path} is not UTF-8; save it as UTF-8.") from error
    except OSError as error:
        raise SchemaInvalid(f"{path} cannot be read ({error.strerror}); name the schema's file or folder.") from error


def parse_schema(sources: Mapping[str, str]) -> PrismaSchema:
    """Read the texts of a schema's files, by their names.

    Raises:
        SchemaInvalid: there are errors; the message has all of them, each with its file, line and column.
    """
    diagnostics = Diagnostics(sources)
    placed = [each for file, text in sources.items() for each in _placed(file, text, diagnostics)]
    schema = _Reader(Scope(diagnostics), placed).schema()
    diagnostics.refuse()
    return schema


def _placed(file: str, text: str, diagnostics: Diagnostics) -> list[Placed]:
    tree = parse(file, text, diagnostics)
    return [Placed(line, file, above) for line, above in documented(tree.lines) if isinstance(line, Block)]


class _Reader:
    __slots__ = ("_placed", "_scope")

    def __init__(self, scope: Scope, placed: list[Placed]) -> None:
        self._scope = scope
        self._placed = placed

    def schema(self) -> PrismaSchema:
        generators = tuple(generator_of(each, self._scope) for each in self._of("generator"))
        datasource = self._datasource()
        self._know(datasource, generators)
        models = {each.name: ModelReader(each, self._scope).read() for each in self._scope.models.values()}
        made, many = resolved(models, self._scope)
        enums = tuple(enum_of(each, self._scope) for each in self._scope.enums.values())
        schema = PrismaSchema(datasource, generators, made, enums, many)
        check(schema, self._scope)
        return schema

    def _of(self, *keywords: str) -> list[Placed]:
        return [each for each in self._placed if each.block.keyword in keywords]

    def _datasource(self) -> Datasource | None:
        found = self._of("datasource")
        for each in found[1:]:
            self._scope.diagnostics.at(
                "You defined more than one datasource. This is not allowed yet because support for multiple databases"
                " has not been implemented yet.",
                each.span,
            )
        return datasource_of(found[0], self._scope) if found else None

    def _know(self, datasource: Datasource | None, generators: tuple[Generator, ...]) -> None:
        """Tell the scope what names mean before models are read."""
        scope = self._scope
        if datasource is not None:
            scope.datasource, scope.schemas = datasource.name, datasource.schemas
        scope.previews = frozenset(feature for each in generators for feature in each.preview_features)
        kinds = {"model": scope.models, "view": scope.models, "enum": scope.enums, "type": scope.composites}
        known: dict[str, str] = {}
        for each in self._of(*kinds):
            if each.name in known:
                self._twice(each, known[each.name])
                continue
            known[each.name] = each.block.keyword
            kinds[each.block.keyword][each.name] = each
        for each in scope.composites.values():
            scope.diagnostics.at("Composite types are not supported on PostgreSQL.", each.span)

    def _twice(self, placed: Placed, earlier: str) -> None:
        told = (
            f'The {placed.block.keyword} "{placed.name}" cannot be defined because a {earlier} with that name already'
            " exists."
        )
        name = placed.block.name
        self._scope.diagnostics.add(told, placed.file, name.start, name.end)
