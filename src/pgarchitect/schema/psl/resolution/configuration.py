"""The datasource and the generators."""

from pgarchitect.schema.psl.attribute_arguments import argument, items, positional, string, written
from pgarchitect.schema.psl.prisma_schema import (
    Datasource,
    DeclaredExtension,
    EnvironmentVariable,
    Generator,
    Span,
)
from pgarchitect.schema.psl.syntax import Block, Call, Expression

_KNOWN = frozenset({"provider", "previewFeatures"})


def datasource(file: str, block: Block) -> Datasource:
    """A datasource block."""
    settings = {each.name.text: each.value for each in block.settings}
    mode = settings.get("relationMode", settings.get("referentialIntegrity"))
    return Datasource(
        name=block.name.text,
        provider=string(settings.get("provider")) or "",
        url=_url(settings.get("url")),
        direct_url=_url(settings.get("directUrl")),
        shadow_database_url=_url(settings.get("shadowDatabaseUrl")),
        schemas=tuple(written(each) for each in items(settings.get("schemas"))),
        extensions=tuple(_extension(each) for each in items(settings.get("extensions"))),
        relation_mode=string(mode) or "foreignKeys",
        span=Span(file, block.start, block.end),
    )


def _url(value: Expression | None) -> str | EnvironmentVariable | None:
    if isinstance(value, Call):
        return EnvironmentVariable("".join(positional(value.arguments)))
    return string(value)


def _extension(value: Expression) -> DeclaredExtension:
    name = written(value)
    given = value.arguments if isinstance(value, Call) else None
    mapped = string(argument(given, "map"))
    return DeclaredExtension(
        name, mapped or name, string(argument(given, "schema")), string(argument(given, "version"))
    )


def generator(file: str, block: Block, text: str) -> Generator:
    """A generator block; ``text`` is the file's."""
    settings = {each.name.text: each.value for each in block.settings}
    others = tuple(
        (name, string(value) if string(value) is not None else text[value.start : value.end])
        for name, value in settings.items()
        if value is not None and name not in _KNOWN
    )
    return Generator(
        name=block.name.text,
        provider=_provider(settings.get("provider")),
        preview_features=tuple(written(each) for each in items(settings.get("previewFeatures"))),
        settings=tuple((name, value or "") for name, value in others),
        span=Span(file, block.start, block.end),
    )


def _provider(value: Expression | None) -> str:
    if isinstance(value, Call):
        return "".join(positional(value.arguments))
    return string(value) or ""
