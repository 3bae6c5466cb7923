"""A field in the place of a value: conditions compare fields of one row with each other."""

from dataclasses import dataclass

from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.shapes import ColumnShape, TableShape, ValueKind


@dataclass(frozen=True, slots=True)
class Field:
    """Another field of the row, by its name in Python: ``{"sold": {"gt": Field("stock")}}``."""

    name: str


def compared_field(table: TableShape | None, column: ColumnShape, field: Field) -> ColumnShape:
    """The column that a condition on ``column`` of a table compares with.

    Raises:
        UnknownField: there is no such field.
        InvalidCondition: its values are of another type; or, where there is no table, no row has other fields.
    """
    if table is None:
        raise InvalidCondition(f"{column.name} is compared with the field {field.name!r}, but a group has no fields.")
    other = table.column(field.name)
    alike = (
        column.type == other.type
        or (column.is_text and other.is_text)
        or {column.kind, other.kind} == {ValueKind.NUMBER}
    )
    if not alike or column.is_list or other.is_list or column.kind is ValueKind.JSON:
        raise InvalidCondition(
            f"{column.name} cannot be compared with the field {other.name}, whose values are of another type, or lists"
            " or JSON; compare fields of one type."
        )
    return other
