"""Prisma itself (its WebAssembly under wasmtime) judges: recorded errors, our schemas, their meaning, the layout."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pgarchitect.schema.psl.formatting import formatted
from pgarchitect.schema.psl.prisma_schema import (
    EnumRef,
    Field,
    FunctionDefault,
    ListDefault,
    LiteralDefault,
    LiteralKind,
    Model,
    ModelRef,
    PrismaSchema,
    Unsupported,
)
from pgarchitect.schema.psl.reading import parse_schema, schema_sources
from tests.prisma_errors import cases, said
from tests.prisma_wasm import PrismaWasm, Unavailable, prisma

pytestmark = pytest.mark.thorough

NOT_ASCII = re.compile(r"^model [^\x00-\x7f].*?^\}", re.MULTILINE | re.DOTALL)
"""Models whose names begin beyond ASCII: Prisma's DMMF dies of them."""
IMPLIED = {"cuid": ("1",), "uuid": ("4",)}
"""What Prisma adds to functions without arguments."""
SCHEMAS = Path(__file__).parent / "schemas"
OWN = [each for each in sorted(SCHEMAS.iterdir()) if each.is_dir() or each.suffix == ".prisma"]
CURRENT = [each for each in OWN if each.stem != "prisma6"]
"""Prisma 7 refuses a URL in the schema; we read it."""


@pytest.fixture(scope="module")
def oracle() -> PrismaWasm:
    try:
        return prisma()
    except Unavailable as error:
        pytest.skip(f"Prisma's WebAssembly cannot be had: {error}")


def test_the_record_of_errors_is_what_prisma_says(oracle: PrismaWasm) -> None:
    for case in cases():
        assert said(case.text, oracle) == case.errors, case.text


@pytest.mark.parametrize("path", CURRENT, ids=lambda path: path.name)
def test_our_schemas_are_valid_to_prisma(oracle: PrismaWasm, path: Path) -> None:
    assert oracle.validate(schema_sources(path)) is None


@pytest.mark.parametrize("path", CURRENT, ids=lambda path: path.name)
def test_they_mean_the_same_to_prisma_and_to_us(oracle: PrismaWasm, path: Path) -> None:
    sources = {file: NOT_ASCII.sub("", text) for file, text in schema_sources(path).items()}
    assert facts(parse_schema(sources)) == prismas(oracle.dmmf(sources))


@pytest.mark.parametrize("path", sorted(SCHEMAS.rglob("*.prisma")), ids=lambda path: path.name)
def test_the_layout_is_prismas(oracle: PrismaWasm, path: Path) -> None:
    text = (
        path.read_text(encoding="utf-8").replace("{ // behind the brace", "{").replace("{ /* a comment that", "{\n/*")
    )
    assert formatted(text) == oracle.formatted(text)


def test_so_is_that_of_schemas_with_errors(oracle: PrismaWasm) -> None:
    texts = [case.text for case in cases() if "{ //" not in case.text and " = \n" not in case.text]
    different = [text for text in texts if formatted(text) != oracle.formatted(text)]
    assert len(different) <= 5, different  # relation fields whose names are taken: Prisma writes them twice


def facts(schema: PrismaSchema) -> dict[str, Any]:
    """What a schema means, in the terms of Prisma's DMMF; it leaves out what is of no type and what is ignored."""
    return {
        "enums": {
            each.name: [
                None if each.type_name == each.name else each.type_name,
                each.documentation,
                [(one.name, None if one.label == one.name else one.label, one.documentation) for one in each.values],
            ]
            for each in schema.enums
        },
        "models": {each.name: model(each, schema) for each in schema.models if not each.ignored},
    }


def model(each: Model, schema: PrismaSchema) -> dict[str, Any]:
    fields = [one for one in each.fields if not isinstance(one.type, Unsupported) and not one.ignored]
    key = each.primary_key
    whole = key if key and not key.on_field else None
    uniques = [index for index in each.indexes if index.unique and not index.on_field and index.where is None]
    return {
        "table": None if each.table == each.name else each.table,
        "schema": each.schema,
        "documentation": each.documentation,
        "fields": {one.name: field(one, schema) for one in fields},
        "key": (whole.name, [one.field for one in whole.fields]) if whole else None,
        "uniques": [(index.name, [one.field for one in index.fields]) for index in uniques],
    }


def field(each: Field, schema: PrismaSchema) -> dict[str, Any]:
    relation = each.relation
    native = each.native_type
    return {
        "type": each.type.name if isinstance(each.type, (EnumRef, ModelRef)) else str(each.type),
        "kind": {EnumRef: "enum", ModelRef: "object"}.get(type(each.type), "scalar"),
        "list": each.is_list,
        "required": each.is_required or each.is_list,
        "column": each.column if each.column not in {"", each.name} else None,
        "native": [native.name, list(native.arguments)] if native else None,
        "updated": each.updated_at,
        "documentation": each.documentation,
        "default": default(each),
        "relation": [
            list(relation.fields),
            list(relation.references),
            str(relation.on_delete) if relation.on_delete else None,
            str(relation.on_update) if relation.on_update else None,
            relation.name or generated(each, schema),
        ]
        if relation
        else None,
    }


def generated(each: Field, schema: PrismaSchema) -> str:
    holder = next(one for one in schema.models if any(each is field for field in one.fields))
    assert isinstance(each.type, ModelRef)
    return "To".join(sorted([holder.name, each.type.name]))


def default(each: Field) -> Any:  # noqa: ANN401  # a JSON value
    match each.default:
        case LiteralDefault():
            return literal(each.default, each)
        case ListDefault():
            return [literal(one, each) for one in each.default.items]
        case FunctionDefault():
            given = each.default.arguments or IMPLIED.get(each.default.function, ())
            return [each.default.function, list(given)]
    return None


def literal(value: LiteralDefault, each: Field) -> Any:  # noqa: ANN401  # a JSON value
    if value.kind is LiteralKind.BOOLEAN:
        return value.text == "true"
    return plain(value.text, str(each.type))


def plain(text: str, kind: str) -> object:
    """A value in one spelling."""
    if kind == "DateTime":
        return dt.datetime.fromisoformat(text)
    return Decimal(text) if kind in {"Decimal", "Float", "Int", "BigInt"} else text


def prismas(dmmf: Mapping[str, Any]) -> dict[str, Any]:
    """The same facts out of the DMMF."""
    model = dmmf["datamodel"]
    return {
        "enums": {
            each["name"]: [
                each["dbName"],
                each.get("documentation", ""),
                [(one["name"], one["dbName"], one.get("documentation", "")) for one in each["values"]],
            ]
            for each in model["enums"]
        },
        "models": {each["name"]: prismas_model(each) for each in model["models"]},
    }


def prismas_model(each: Mapping[str, Any]) -> dict[str, Any]:
    key = each["primaryKey"]
    return {
        "table": each["dbName"],
        "schema": each["schema"],
        "documentation": each.get("documentation", ""),
        "fields": {one["name"]: prismas_field(one) for one in each["fields"]},
        "key": (key["name"], key["fields"]) if key else None,
        "uniques": [(one["name"], one["fields"]) for one in each["uniqueIndexes"]],
    }


def prismas_field(each: Mapping[str, Any]) -> dict[str, Any]:
    object_ = each["kind"] == "object"
    return {
        "type": each["type"],
        "kind": each["kind"],
        "list": each["isList"],
        "required": each["isRequired"],
        "column": each.get("dbName") if each.get("dbName") != each["name"] else None,
        "native": each.get("nativeType"),
        "updated": each["isUpdatedAt"],
        "documentation": each.get("documentation", ""),
        "default": prismas_default(each.get("default"), each["type"]),
        "relation": [
            each["relationFromFields"],
            each["relationToFields"],
            each.get("relationOnDelete"),
            each.get("relationOnUpdate"),
            each["relationName"],
        ]
        if object_
        else None,
    }


def prismas_default(value: Any, kind: str) -> Any:  # noqa: ANN401  # a JSON value
    if isinstance(value, Mapping):
        return [value["name"], [str(each) for each in value["args"]]]
    if isinstance(value, list):
        return [prismas_default(each, kind) for each in value]
    return value if isinstance(value, bool) or value is None else plain(str(value), kind)
