"""Rows as Arrow: the type of each column, and tables made of what drivers give; pure, nothing here waits."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pgarchitect.access.failures import ExtraMissing, InvalidValue
from pgarchitect.access.reading import ReadPlan
from pgarchitect.access.shapes import ColumnShape, ValueKind

try:
    import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]
except ImportError as error:
    raise ExtraMissing from error

if TYPE_CHECKING:
    import polars as pl

MODIFIERS: Final = (
    "SELECT attname::text AS name, atttypmod AS modifier FROM pg_catalog.pg_attribute"
    " WHERE attrelid = {}::pg_catalog.regclass AND atttypmod > 0"
)
"""Which columns of a table have a length or a precision, and which."""
_DIGITS: Final = 38
"""Of the decimals that take 16 bytes; Polars has no others."""
_MOST: Final = 76
"""Of any decimals of Arrow."""


def shaped(read: ReadPlan, modifiers: Mapping[str, int], table: "pa.Table") -> "pa.Table":
    """What ADBC has read, with the types of the columns.

    Args:
        read: how it was read.
        modifiers: of columns that have a length or a precision.
        table: its columns in order.

    Raises:
        InvalidValue: a numeric holds what Arrow's decimals have no room for.
    """
    columns = read.columns[: read.shown]
    arrays = [
        _finished(each, modifiers.get(each.column, -1), _plain(table.column(number)))
        for number, each in enumerate(columns)
    ]
    return _ordered(read, pa.Table.from_arrays(arrays, names=[each.name for each in columns]))


def from_records(read: ReadPlan, modifiers: Mapping[str, int], records: Sequence[Sequence[Any]]) -> "pa.Table":
    """The same of the records of a driver.

    Raises:
        InvalidValue: as above.
    """
    columns = read.columns[: read.shown]
    arrays = []
    for number, each in enumerate(columns):
        values = _spelled(each, [record[number] for record in records])
        raw = pa.chunked_array([pa.array(values, type=_listed(each, _raw(each)))])
        arrays.append(_finished(each, modifiers.get(each.column, -1), raw))
    return _ordered(read, pa.Table.from_arrays(arrays, names=[each.name for each in columns]))


def has_numeric(read: ReadPlan) -> bool:
    """Whether the precision of columns must be asked for."""
    return any(each.type == "numeric" for each in read.columns[: read.shown])


def to_polars(table: "pa.Table") -> "pl.DataFrame":
    """As a DataFrame of Polars; UUIDs become texts, and decimals have 38 digits at most.

    Raises:
        ExtraMissing: Polars is not installed.
        InvalidValue: a numeric has more digits.
    """
    try:
        import polars as pl  # noqa: PLC0415  # only who asks for it loads it
    except ImportError as error:
        raise ExtraMissing from error
    for number, field in enumerate(table.schema):
        kind, column = _element(field.type), table.column(number)
        if pa.types.is_decimal256(kind):
            column = _shortest(column, field.name, _DIGITS)
        elif kind == pa.uuid():
            column = pa.chunked_array([pa.array(_texts(column.to_pylist()), type=_relisted(field.type, pa.string()))])
        table = table.set_column(number, field.name, column)
    made = pl.from_arrow(table)
    assert isinstance(made, pl.DataFrame)  # noqa: S101  # of a table it is one
    return made


def _ordered(read: ReadPlan, table: "pa.Table") -> "pa.Table":
    return table.take(list(range(len(table) - 1, -1, -1))) if read.is_backward else table


def _raw(column: ColumnShape) -> "pa.DataType":
    """The type of one value as drivers' values are first taken."""
    if column.kind is ValueKind.UUID:
        return pa.binary(16)
    makers: Mapping[str, Callable[[], pa.DataType]] = {
        "bool": pa.bool_,
        "int2": pa.int16,
        "int4": pa.int32,
        "int8": pa.int64,
        "oid": pa.int64,
        "float4": pa.float32,
        "float8": pa.float64,
        "bytea": pa.binary,
        "date": pa.date32,
        "time": lambda: pa.time64("us"),
        "timestamp": lambda: pa.timestamp("us"),
        "timestamptz": lambda: pa.timestamp("us", tz="UTC"),
    }
    return makers.get(column.type, pa.string)()


def _listed(column: ColumnShape, kind: "pa.DataType") -> "pa.DataType":
    return pa.list_(kind) if column.is_list else kind


def _element(kind: "pa.DataType") -> "pa.DataType":
    return kind.value_type if pa.types.is_list(kind) else kind


def _relisted(like: "pa.DataType", kind: "pa.DataType") -> "pa.DataType":
    return pa.list_(kind) if pa.types.is_list(like) else kind


def _plain(array: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Without the names that a driver gave to types."""
    if isinstance(array.type, pa.BaseExtensionType):
        return pa.chunked_array([each.storage for each in array.chunks], type=array.type.storage_type)
    return array


def _finished(column: ColumnShape, modifier: int, array: "pa.ChunkedArray") -> "pa.ChunkedArray":
    if column.type == "numeric":
        return _decimals(column, modifier, array.cast(_listed(column, pa.string())))
    array = array.cast(_listed(column, _raw(column)))
    if column.kind is ValueKind.ENUM and not column.is_list:
        return array.dictionary_encode()
    if column.kind is not ValueKind.UUID:
        return array
    if column.is_list:
        return array.cast(pa.list_(pa.uuid()))
    return pa.chunked_array([pa.ExtensionArray.from_storage(pa.uuid(), each) for each in array.chunks], type=pa.uuid())


def _decimals(column: ColumnShape, modifier: int, texts: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """By the column's precision; where it has none, or more than Arrow, with the fewest digits that hold all."""
    precision, scale = ((modifier - 4) >> 16) & 0xFFFF, (((modifier - 4) & 0x7FF) ^ 1024) - 1024
    digits = max(precision - min(scale, 0), scale)
    if modifier < 0 or digits > _MOST:
        return _shortest(texts, column.name, _MOST)
    make = pa.decimal128 if digits <= _DIGITS else pa.decimal256
    try:
        return texts.cast(_listed(column, make(digits, max(scale, 0))))
    except pa.ArrowInvalid as error:
        raise _no_decimal(column.name) from error


def _shortest(column: "pa.ChunkedArray", name: str, most: int) -> "pa.ChunkedArray":
    values = _numbers(column.to_pylist())
    try:
        made = pa.chunked_array([pa.array(values)])
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise _no_decimal(name) from error
    kind = _element(made.type)
    if pa.types.is_null(kind) or (pa.types.is_list(made.type) and pa.types.is_null(made.type.value_type)):
        return column.cast(_relisted(column.type, pa.decimal128(_DIGITS, 0)))
    if kind.precision > most:
        raise _no_decimal(name)
    return made


def _numbers(values: list[Any]) -> list[Any]:
    """Texts as decimals, without zeros at the end."""
    made: list[Any] = []
    for each in values:
        if isinstance(each, list):
            made.append(_numbers(each))
        else:
            made.append(None if each is None else _shortened(Decimal(each)))
    return made


def _shortened(value: Decimal) -> Decimal:
    if not value.is_finite():
        return value
    sign, digits, exponent = value.as_tuple()
    kept = list(digits)
    assert isinstance(exponent, int)  # noqa: S101  # it is finite
    while exponent < 0 and kept and kept[-1] == 0:
        kept.pop()
        exponent += 1
    return Decimal((sign, tuple(kept), min(exponent, 0))) if kept else Decimal(0)


def _no_decimal(name: str) -> InvalidValue:
    return InvalidValue(
        f"{name} holds a number that Arrow's decimals have no room for (NaN, Infinity, or too many digits); leave it"
        " out with select, or cast it in SQL of your own."
    )


def _spelled(column: ColumnShape, values: list[Any]) -> list[Any]:
    """Values of a driver as ``_raw`` takes them."""
    if column.kind is ValueKind.JSON:
        return _each(column, values, lambda value: msgspec.json.encode(value).decode(), nulls=column.is_list)
    if column.kind is ValueKind.UUID:
        return _each(column, values, lambda value: value.bytes)
    if column.type in {"numeric", "timetz"}:
        return _each(column, values, str)
    return values


def _each(column: ColumnShape, values: list[Any], make: Callable[[Any], Any], *, nulls: bool = False) -> list[Any]:
    if not column.is_list:
        return [None if each is None else make(each) for each in values]
    return [
        None if several is None else [None if each is None and not nulls else make(each) for each in several]
        for several in values
    ]


def _texts(values: list[Any]) -> list[Any]:
    return [_texts(each) if isinstance(each, list) else None if each is None else str(each) for each in values]
