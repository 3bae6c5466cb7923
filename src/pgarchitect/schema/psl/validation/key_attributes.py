"""``@id``, ``@@id``, ``@unique``, ``@@unique``, ``@@index`` and ``@@fulltext``."""

from typing import Final

from pgarchitect.schema.psl.syntax import Expression
from pgarchitect.schema.psl.validation.attribute_reader import Given
from pgarchitect.schema.psl.validation.facts import FieldFacts, KeyFacts, KeyField, ModelFacts, Place
from pgarchitect.schema.psl.validation.key_fields import Resolved, key_fields
from pgarchitect.schema.psl.validation.partial_indexes import read_condition

_METHODS: Final = {"BTree", "Hash", "Gist", "Gin", "SpGist", "Brin"}


def read_field_id(given: Given, field: FieldFacts) -> None:
    """``@id``."""
    if field.model.primary_key is not None:
        _of_model(
            given,
            field.model,
            field.model.block,
            "At most one field must be marked as the id field with the `@id` attribute.",
        )
        return
    key = KeyFacts("id", given.attribute, on_field=True, map=given.name("map"))
    length, sort = _length(given), _sort(given)
    key.fields = [KeyField(field, sort, length)]
    key.clustered = _clustered(given)
    field.model.primary_key = key


def read_field_unique(given: Given, field: FieldFacts) -> None:
    """``@unique``."""
    key = KeyFacts("unique", given.attribute, on_field=True, map=given.name("map"))
    length, sort = _length(given), _sort(given)
    key.fields = [KeyField(field, sort, length)]
    key.clustered = _clustered(given)
    key.is_partial = read_condition(given, field.model)
    field.model.indexes.append(key)


def _length(given: Given) -> str | None:
    return given.integer(given.optional("length"))


def _sort(given: Given) -> str | None:
    word = given.word(given.optional("sort"))
    if word is not None and word not in {"Asc", "Desc"}:
        given.error(f"The `sort` argument can only be `Asc` or `Desc` you provided: {word}.")
        return None
    return word


def _clustered(given: Given) -> bool | None:
    return given.boolean(given.optional("clustered"))


def read_model_id(given: Given, model: ModelFacts) -> None:
    """``@@id``."""
    value = given.required("fields")
    if value is None:
        return
    found = key_fields(given, value, model, with_arguments=True)
    if not found.is_right:
        _wrong_id(given, model, value, found)
        return
    optional = [each.field.name for each in found.fields if not each.field.is_required]
    if optional and not model.ignored:
        text = (
            f"The id definition refers to the optional {_listed(optional)}. ID definitions must "
            "reference only required fields."
        )
        _of_model(given, model, given.attribute, text)
    if model.primary_key is not None:
        text = "Each model must have at most one id criteria. You can't have `@id` and `@@id` at the same time."
        _of_model(given, model, model.block, text)
    key = KeyFacts("id", given.attribute, on_field=False, fields=list(found.fields))
    key.map = given.name("map")
    key.name = _client_name(given, model, "@@id")
    key.clustered = _clustered(given)
    model.primary_key = key


def _wrong_id(given: Given, model: ModelFacts, value: Expression, found: Resolved) -> None:
    if found.unknown:
        text = f"The multi field id declaration refers to the unknown {_listed(found.unknown)}."
        _of_model(given, model, value, text)
    if found.relations:
        listed = _listed([each.name for each in found.relations])
        text = f"The id definition refers to the relation {listed}. ID definitions must reference only scalar fields."
        _of_model(given, model, given.attribute, text)


def _listed(names: list[str] | tuple[str, ...]) -> str:
    word = "field" if len(names) == 1 else "fields"
    return f"{word} {', '.join(f'`{each}`' for each in names)}"


def read_index(given: Given, model: ModelFacts, kind: str) -> None:
    """``@@index``, ``@@unique`` or ``@@fulltext``."""
    key = KeyFacts(kind, given.attribute, on_field=False)
    value = given.required("fields")
    if value is not None:
        found = key_fields(given, value, model, with_arguments=True)
        if found.is_right:
            key.fields = list(found.fields)
        elif not found.told:
            _wrong_index(given, model, kind, found)
    if kind == "unique":
        key.name = _client_name(given, model, "@@unique")
        key.map = given.name("map")
    elif kind == "index":
        _index_name(given, key)
        key.method = _method(given)
    else:
        key.map = given.name("map")
    if kind != "fulltext":
        key.clustered = _clustered(given)
        key.is_partial = read_condition(given, model)
    model.indexes.append(key)


def _index_name(given: Given, key: KeyFacts) -> None:
    name, mapped = given.name("name"), given.name("map")
    if name is not None and mapped is not None:
        given.error(
            "The `@@index` attribute accepts the `name` argument as an alias for the `map` argument for legacy "
            "reasons. It does not accept both though. Please use the `map` argument to specify the database name of "
            "the index."
        )
        return
    key.map = name or mapped


def _method(given: Given) -> str | None:
    word = given.word(given.optional("type"))
    if word is not None and word not in _METHODS:
        given.error(f"Unknown index type: {word}.")
        return None
    return word


def _client_name(given: Given, model: ModelFacts, shown: str) -> str | None:
    name = given.name("name")
    if name is not None and not all(each == "_" or (each.isascii() and each.isalnum()) for each in name):
        text = (
            f"The `name` property within the `{shown}` attribute only allows for the following "
            "characters: `_a-zA-Z0-9`."
        )
        _of_model(given, model, given.attribute, text)
    return name


def _wrong_index(given: Given, model: ModelFacts, kind: str, found: Resolved) -> None:
    prefix = "unique " if kind == "unique" else ""
    if found.unknown:
        text = f"The {prefix}index definition refers to the unknown fields: {', '.join(found.unknown)}."
        _of_model(given, model, given.attribute, text)
    if found.relations:
        columns = [column.name for each in found.relations if each.relation for column in each.relation.fields or ()]
        word = "unique" if kind == "unique" else "index"
        meant = f" Did you mean `@@{word}([{', '.join(columns)}])`?" if columns else ""
        names = ", ".join(each.name for each in found.relations)
        text = (
            f"The {prefix}index definition refers to the relation fields {names}. Index definitions "
            f"must reference only scalar fields.{meant}"
        )
        _of_model(given, model, given.attribute, text)


def _of_model(given: Given, model: ModelFacts, place: Place, text: str) -> None:
    given.schema.error(given.file, place, f'Error validating model "{model.name}": {text}')
