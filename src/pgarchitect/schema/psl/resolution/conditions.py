"""``where:`` of a partial index as SQL."""

from collections.abc import Mapping

from pgarchitect.schema.psl.attribute_arguments import positional
from pgarchitect.schema.psl.syntax import Call, Constant, Expression, Number, Object, StringLiteral


def condition(value: Expression | None, columns: Mapping[str, str]) -> str | None:
    """SQL of ``raw("…")`` or ``{ field: value }``; ``columns`` has the names of fields in the database."""
    if isinstance(value, Call):
        return "".join(positional(value.arguments))
    if isinstance(value, Object):
        return " AND ".join(_comparison(columns[name.text], each) for name, each in value.members)
    return None


def _comparison(column: str, value: Expression) -> str:
    quoted = '"' + column.replace('"', '""') + '"'
    if isinstance(value, Object):
        (_, excluded), *_ = value.members
        return f"{quoted} IS NOT NULL" if _is_null(excluded) else f"{quoted} != {_literal(excluded)}"
    return f"{quoted} IS NULL" if _is_null(value) else f"{quoted} = {_literal(value)}"


def _is_null(value: Expression) -> bool:
    return isinstance(value, Constant) and value.text == "null"


def _literal(value: Expression) -> str:
    if isinstance(value, StringLiteral):
        return "'" + value.value.replace("'", "''") + "'"
    return value.text if isinstance(value, (Constant, Number)) else ""
