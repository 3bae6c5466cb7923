"""``datasource`` and ``generator`` blocks."""

from collections.abc import Mapping
from typing import Final

from pgarchitect.schema.psl.prisma_schema import Datasource, DeclaredExtension, EnvironmentVariable, Generator
from pgarchitect.schema.psl.scope import Placed, Scope
from pgarchitect.schema.psl.syntax import (
    ArrayValue,
    CallValue,
    ConstantValue,
    NumberValue,
    SettingLine,
    StringValue,
    Value,
)

PROVIDERS: Final = frozenset({"postgresql", "postgres"})
_PROPERTIES: Final = frozenset(
    {
        "provider",
        "url",
        "directUrl",
        "shadowDatabaseUrl",
        "schemas",
        "extensions",
        "relationMode",
        "referentialIntegrity",
    }
)


def datasource_of(placed: Placed, scope: Scope) -> Datasource:
    """The datasource of a block; what is wrong with it is noted."""
    settings = _settings(placed, scope)
    for name, line in settings.items():
        if name not in _PROPERTIES:
            _note(f'Property not known: "{name}".', placed, line, scope)
    provider = _text(settings.get("provider")) or ""
    if "provider" not in settings:
        scope.diagnostics.at(f'Argument "provider" is missing in data source block "{placed.name}".', placed.span)
    elif provider not in PROVIDERS:
        _note(
            f'The provider "{provider}" is not read by pgarchitect, which is for PostgreSQL; write "postgresql".',
            placed,
            settings["provider"],
            scope,
        )
    return Datasource(
        placed.name,
        "postgresql",
        _address(settings.get("url")),
        _address(settings.get("directUrl")),
        _address(settings.get("shadowDatabaseUrl")),
        tuple(each.text for each in _items(settings.get("schemas")) if isinstance(each, StringValue)),
        tuple(_extension(each) for each in _items(settings.get("extensions"))),
        _relation_mode(placed, settings, scope),
        placed.span,
    )


def generator_of(placed: Placed, scope: Scope) -> Generator:
    """The generator of a block."""
    settings = _settings(placed, scope)
    provider = _text(settings.get("provider"))
    if "provider" not in settings:
        scope.diagnostics.at(f'Argument "provider" is missing in generator block "{placed.name}".', placed.span)
    previews = tuple(each.text for each in _items(settings.get("previewFeatures")) if isinstance(each, StringValue))
    others = tuple(
        (name, shown(line.value)) for name, line in settings.items() if name not in {"provider", "previewFeatures"}
    )
    return Generator(placed.name, provider or "", previews, others, placed.span)


def shown(value: Value | None) -> str:
    """A setting as text: a string's value, a list's items with commas between them, else as it is written."""
    if isinstance(value, StringValue | NumberValue | ConstantValue):
        return value.text
    if isinstance(value, ArrayValue):
        return ",".join(shown(each) for each in value.items)
    if isinstance(value, CallValue):
        return f"{value.name.text}({', '.join(shown(each.value) for each in value.arguments)})"
    return ""


def _settings(placed: Placed, scope: Scope) -> Mapping[str, SettingLine]:
    found: dict[str, SettingLine] = {}
    for each in placed.block.settings:
        name = each.name.text
        if name in found:
            _note(f'Key "{name}" is already defined in {placed.block.keyword} "{placed.name}".', placed, each, scope)
        if each.value is None:
            _note(
                f"Property {name} in {placed.block.keyword} {placed.name} needs to be assigned a value.",
                placed,
                each,
                scope,
            )
        found[name] = each
    return found


def _text(line: SettingLine | None) -> str | None:
    return line.value.text if line and isinstance(line.value, StringValue) else None


def _address(line: SettingLine | None) -> str | EnvironmentVariable | None:
    value = line.value if line else None
    if isinstance(value, CallValue) and value.name.text == "env" and value.arguments:
        inner = value.arguments[0].value
        return EnvironmentVariable(inner.text) if isinstance(inner, StringValue) else None
    return value.text if isinstance(value, StringValue) else None


def _items(line: SettingLine | None) -> tuple[Value, ...]:
    return line.value.items if line and isinstance(line.value, ArrayValue) else ()


def _extension(value: Value) -> DeclaredExtension:
    name = value.name.text if isinstance(value, CallValue) else shown(value)
    given = {
        each.name.text: shown(each.value)
        for each in (value.arguments if isinstance(value, CallValue) else ())
        if each.name
    }
    return DeclaredExtension(name, given.get("map", name), given.get("schema"), given.get("version"))


def _relation_mode(placed: Placed, settings: Mapping[str, SettingLine], scope: Scope) -> str:
    line = settings.get("relationMode") or settings.get("referentialIntegrity")
    mode = _text(line) or "foreignKeys"
    if line is not None and mode not in {"foreignKeys", "prisma"}:
        _note(
            f'Invalid relation mode setting: "{mode}". Supported values: "prisma", "foreignKeys".', placed, line, scope
        )
    return mode


def _note(message: str, placed: Placed, line: SettingLine, scope: Scope) -> None:
    scope.diagnostics.add(message, placed.file, line.start, line.end)
