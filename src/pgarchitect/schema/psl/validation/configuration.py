"""Generators and the datasource."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pgarchitect.schema.psl.attribute_arguments import items
from pgarchitect.schema.psl.displayed import displayed, kind_of
from pgarchitect.schema.psl.syntax import Block, Call, Constant, Expression, Setting, StringLiteral
from pgarchitect.schema.psl.validation.facts import SchemaFacts
from pgarchitect.schema.psl.validation.preview_features import ACTIVE, FORMER

_OTHERS: Final = frozenset({"mysql", "sqlite", "sqlserver", "mongodb", "cockroachdb"})
_URLS: Final = frozenset({"url", "directUrl", "shadowDatabaseUrl"})
_KNOWN: Final = frozenset({"provider", "schemas", "extensions", "relationMode", "referentialIntegrity"}) | _URLS


@dataclass(frozen=True, slots=True)
class _Settings:
    """The settings of one block."""

    schema: SchemaFacts
    file: str
    block: Block
    given: Mapping[str, Setting]

    def error(self, place: Expression | Setting | Block, text: str) -> None:
        self.schema.error(self.file, place, text)

    def mismatch(self, expected: str, value: Expression) -> None:
        self.error(value, f"Expected a {expected} value, but received {kind_of(value)} value `{displayed(value)}`.")

    def value(self, name: str) -> Expression | None:
        found = self.given.get(name)
        return found.value if found else None

    def strings(self, value: Expression) -> list[StringLiteral] | None:
        found = items(value)
        wrong = [each for each in found if not isinstance(each, StringLiteral)]
        for each in wrong:
            self.mismatch("string", each)
        return None if wrong else [each for each in found if isinstance(each, StringLiteral)]


def check_configuration(schema: SchemaFacts) -> None:
    """Read the generators and the datasource, and note what is wrong with them."""
    for tree in schema.trees:
        for block in tree.blocks:
            if block.keyword == "generator":
                _generator(_settings(schema, tree.file, block))
    datasources = [(tree.file, each) for tree in schema.trees for each in tree.blocks if each.keyword == "datasource"]
    right = [_datasource(_settings(schema, file, block)) for file, block in datasources]
    if sum(right) > 1:
        for file, block in datasources:
            text = (
                "You defined more than one datasource. This is not allowed yet because support for "
                "multiple databases has not been implemented yet."
            )
            schema.error(file, block, f"Error validating datasource `{block.name.text}`: {text}")


def _settings(schema: SchemaFacts, file: str, block: Block) -> _Settings:
    return _Settings(schema, file, block, {each.name.text: each for each in block.settings})


def _complete(settings: _Settings) -> bool:
    missing = next((each for each in settings.block.settings if each.value is None), None)
    if missing is not None:
        block = settings.block
        text = f"Property {missing.name.text} in {block.keyword} {block.name.text} needs to be assigned a value"
        settings.error(block, text)
    return missing is None


def _generator(settings: _Settings) -> None:
    if not _complete(settings):
        return
    engine = settings.value("engineType")
    if engine is not None and not isinstance(engine, StringLiteral):
        settings.mismatch("String", engine)
    provider = settings.value("provider")
    if provider is None:
        text = f'Argument "provider" is missing in generator block "{settings.block.name.text}".'
        settings.error(settings.block, text)
        return
    if not _string_or_variable(settings, provider):
        return
    if (output := settings.value("output")) is not None:
        _string_or_variable(settings, output)
    for each in items(settings.value("binaryTargets")):
        _string_or_variable(settings, each)
    if (features := settings.value("previewFeatures")) is not None:
        _preview_features(settings, features)


def _string_or_variable(settings: _Settings, value: Expression) -> bool:
    if isinstance(value, StringLiteral):
        return True
    if isinstance(value, Call) and value.name.text == "env":
        arguments = value.arguments.items
        if len(arguments) == 1 and arguments[0].name is None and isinstance(arguments[0].value, StringLiteral):
            return True
        settings.error(value, "The env function expects a singular, unnamed, string argument.")
        return False
    settings.mismatch("String", value)
    return False


def _preview_features(settings: _Settings, value: Expression) -> None:
    for each in settings.strings(value) or ():
        if each.value in ACTIVE or each.value in FORMER:
            settings.schema.preview_features.add(each.value)
        else:
            listed = ", ".join(ACTIVE)
            settings.error(value, f'The preview feature "{each.value}" is not known. Expected one of: {listed}')


def _datasource(settings: _Settings) -> bool:
    if not _complete(settings) or not _provider(settings):
        return False
    schema = settings.schema
    schema.datasource = settings.block.name.text
    _relation_mode(settings)
    _extensions(settings)
    for name in _URLS:
        if (url := settings.value(name)) is not None:
            schema.is_former = True
            _string_or_variable(settings, url)
    if (features := settings.given.get("previewFeatures")) is not None:
        text = (
            "Preview features are only supported in the generator block. Please move this field to the generator block."
        )
        settings.error(features, text)
    _schemas(settings)
    for name, each in settings.given.items():
        if name not in _KNOWN and name != "previewFeatures":
            settings.error(each, f'Property not known: "{name}".')
    return True


def _provider(settings: _Settings) -> bool:
    block, value = settings.block, settings.value("provider")
    if value is None:
        settings.error(block, f'Argument "provider" is missing in data source block "{block.name.text}".')
    elif isinstance(value, Call) and value.name.text == "env":
        settings.error(block, "A datasource must not use the env() function in the provider argument.")
    elif not isinstance(value, StringLiteral) or not value.value:
        must = "not be empty" if isinstance(value, StringLiteral) else "be a string literal"
        text = f"The provider argument in a datasource must {must}"
        settings.error(value, f"Error validating datasource `{block.name.text}`: {text}")
    elif value.value in _OTHERS:
        text = f'pgarchitect reads schemas of PostgreSQL; the provider of this one is "{value.value}".'
        settings.error(value, text)
    elif value.value not in {"postgresql", "postgres"}:
        settings.error(value, f'Datasource provider not known: "{value.value}".')
    else:
        return True
    return False


def _relation_mode(settings: _Settings) -> None:
    given = [settings.given[each] for each in ("relationMode", "referentialIntegrity") if each in settings.given]
    if len(given) > 1:
        text = (
            "The `referentialIntegrity` and `relationMode` attributes cannot be used together. "
            "Please use only `relationMode` instead."
        )
        settings.error(given[1], text)
    elif given and given[0].value is not None:
        value = given[0].value
        if not isinstance(value, StringLiteral):
            settings.mismatch("string", value)
        elif value.value not in {"prisma", "foreignKeys"}:
            text = f'Invalid relation mode setting: "{value.value}". Supported values: "prisma", "foreignKeys"'
            settings.error(settings.block, f"Error validating datasource `relationMode`: {text}")
        else:
            settings.schema.relation_mode = value.value


def _schemas(settings: _Settings) -> None:
    value = settings.value("schemas")
    found = settings.strings(value) if value is not None else None
    if value is None or found is None:
        return
    if not found:
        settings.error(value, "If provided, the schemas array can not be empty.")
        return
    ordered = sorted(found, key=lambda each: each.value)
    for each, following in pairwise(ordered):
        if each.value == following.value:
            settings.error(each, "Duplicated schema names are not allowed")
    settings.schema.schemas = [each.value for each in found]


def _extensions(settings: _Settings) -> None:
    setting = settings.given.get("extensions")
    if setting is None or setting.value is None:
        return
    found: list[tuple[str, int, int]] = []
    for each in items(setting.value):
        if isinstance(each, (Constant, Call)):
            name = each.text if isinstance(each, Constant) else each.name.text
            found.append((name, each.start, each.end))
            if isinstance(each, Call):
                _extension_arguments(settings, each)
        else:
            settings.mismatch("constant or function", each)
    settings.schema.extensions = (settings.file, setting.start, setting.end, found)


def _extension_arguments(settings: _Settings, extension: Call) -> None:
    seen: set[str] = set()
    for each in extension.arguments.items:
        name = each.name.text if each.name else None
        if name is None:
            settings.schema.error(settings.file, each, "Error validating: The argument must have a name")
        elif name in seen:
            text = f"Error validating: The argument `{name}` can only be defined once"
            settings.schema.error(settings.file, each, text)
        else:
            seen.add(name)
            if each.value is not None and not isinstance(each.value, StringLiteral):
                settings.mismatch("string", each.value)
                if name in {"map", "schema", "version"}:
                    text = f"Error validating: The `{name}` argument must be a string literal"
                    settings.schema.error(settings.file, each, text)
            if name not in {"map", "schema", "version"}:
                settings.schema.error(settings.file, each, f'Argument not known: "{name}".')
