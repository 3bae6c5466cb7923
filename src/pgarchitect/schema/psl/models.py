"""A ``model`` or ``view`` block → a model; relations are still unresolved."""

from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.psl.documentation import documented
from pgarchitect.schema.psl.fields import FieldReader
from pgarchitect.schema.psl.keys import Keys
from pgarchitect.schema.psl.prisma_schema import Field, Index, Model, PrimaryKey
from pgarchitect.schema.psl.scope import Placed, Scope
from pgarchitect.schema.psl.syntax import Attribute, AttributeLine, FieldLine

_KNOWN: Final = frozenset({"id", "unique", "index", "fulltext", "map", "schema", "ignore", "shardKey"})


@dataclass(frozen=True, slots=True)
class ModelReader:
    """Reads one model."""

    placed: Placed
    scope: Scope

    def read(self) -> Model:
        """The model; what is wrong with it is noted."""
        block = self.placed.block
        fields = self._fields()
        once = self._once()
        keys = Keys(self.placed, self.scope)
        return Model(
            block.name.text,
            self._string(once.get("map"), "name") or block.name.text,
            self._schema(once.get("schema")),
            fields,
            self._primary_key(keys, once),
            self._indexes(keys, {each.name for each in fields}),
            block.keyword == "view",
            "ignore" in once,
            self.placed.documentation,
            self.placed.span,
        )

    def _fields(self) -> tuple[Field, ...]:
        reader = FieldReader(self.placed, self.scope)
        fields: dict[str, Field] = {}
        for line, above in documented(self.placed.block.lines):
            if not isinstance(line, FieldLine):
                continue
            if line.name.text in fields:
                self._twice(line)
            elif (field := reader.read(line, above)) is not None:
                fields[field.name] = field
        return tuple(fields.values())

    def _twice(self, line: FieldLine) -> None:
        told = f'Field "{line.name.text}" is already defined on {self.placed.block.keyword} "{self.placed.name}".'
        self._note(told, line.name.start, line.name.end)

    def _once(self) -> dict[str, Attribute]:
        """The attributes that stand once at most."""
        found: dict[str, Attribute] = {}
        for line in self.placed.block.lines:
            if not isinstance(line, AttributeLine):
                continue
            each, name = line.attribute, line.attribute.name.text
            if name not in _KNOWN:
                self._note(f'Attribute not known: "@@{name}".', each.start, each.end)
            elif name in {"fulltext", "shardKey"}:
                told = (
                    f'Error parsing attribute "@@{name}": Defining {name} indexes is not supported with the current'
                    " connector."
                )
                self._note(told, each.start, each.end)
            elif name not in {"unique", "index"} and name in found:
                self._note(f'Attribute "@@{name}" can only be defined once.', each.start, each.end)
            found.setdefault(name, each)
        return found

    def _string(self, attribute: Attribute | None, name: str) -> str | None:
        if attribute is None:
            return None
        arguments = self.scope.arguments(attribute, self.placed.file, block=True)
        value = arguments.needed(name, first=True) if not attribute.given else None
        found = arguments.string(name, first=True) if value is None else None
        arguments.finish()
        if found == "":
            arguments.wrong(f"The `{name}` argument cannot be an empty string.")
        return found or None

    def _schema(self, attribute: Attribute | None) -> str | None:
        found = self._string(attribute, "map")
        if attribute is not None and found is not None and found not in self.scope.schemas:
            told = (
                "This schema is not defined in the datasource. Read more on `@@schema` at"
                " https://pris.ly/d/multi-schema"
            )
            self._note(told, attribute.start, attribute.end)
        return found

    def _primary_key(self, keys: Keys, once: dict[str, Attribute]) -> PrimaryKey | None:
        found = [
            (line, each)
            for line in self.placed.block.fields
            for each in line.attributes
            if each.name.text == "id" and line.type is not None
        ]
        block = once.get("id")
        if len(found) > 1 or (found and block is not None):
            told = (
                f'Error validating model "{self.placed.name}": At most one field must be marked as the id field with'
                " the `@id` attribute."
            )
            if block is not None:
                told = (
                    f'Error validating model "{self.placed.name}": Each model must have at most one id criteria. You'
                    " can't have `@id` and `@@id` at the same time."
                )
            self._note_block(told)
        if block is not None:
            return keys.block_id(block)
        return keys.field_id(*found[0]) if found else None

    def _indexes(self, keys: Keys, fields: set[str]) -> tuple[Index, ...]:
        found: list[Index | None] = [
            keys.field_unique(line, each)
            for line in self.placed.block.fields
            for each in line.attributes
            if each.name.text == "unique" and line.name.text in fields
        ]
        found += [
            keys.block_index(each) for each in self.placed.block.attributes if each.name.text in {"unique", "index"}
        ]
        return tuple(each for each in found if each is not None)

    def _note_block(self, message: str) -> None:
        self._note(message, self.placed.block.start, self.placed.block.end)

    def _note(self, message: str, start: int, end: int) -> None:
        self.scope.diagnostics.add(message, self.placed.file, start, end)
