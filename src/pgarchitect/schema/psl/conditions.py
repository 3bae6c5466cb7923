"""``where:`` of a partial index as SQL."""

from collections.abc import Mapping

from pgarchitect.schema.psl.syntax import CallValue, ConstantValue, NumberValue, ObjectValue, StringValue, Value


def condition(value: Value, columns: Mapping[str, str]) -> str | None:
    """The SQL of ``raw("…")`` or ``{ field: value }``; ``columns``: field → column. None: it is neither."""
    if isinstance(value, CallValue) and value.name.text == "raw" and len(value.arguments) == 1:
        inner = value.arguments[0].value
        return inner.text if isinstance(inner, StringValue) else None
    if not isinstance(value, ObjectValue) or any(name.text not in columns for name, _ in value.members):
        return None
    tests = [_test(columns[name.text], each) for name, each in value.members]
    return " AND ".join(each for each in tests if each) if all(tests) else None


def _test(column: str, value: Value) -> str | None:
    quoted = '"' + column.replace('"', '""') + '"'
    if isinstance(value, ObjectValue):
        [(name, excluded), *more] = value.members or ((None, value),)
        if name is None or name.text != "not" or more:
            return None
        return f"{quoted} IS NOT NULL" if _is_null(excluded) else _compared(quoted, "!=", excluded)
    return f"{quoted} IS NULL" if _is_null(value) else _compared(quoted, "=", value)


def _compared(subject: str, operator: str, value: Value) -> str | None:
    if isinstance(value, StringValue):
        return f"{subject} {operator} '" + value.text.replace("'", "''") + "'"
    return f"{subject} {operator} {value.text}" if isinstance(value, ConstantValue | NumberValue) else None


def _is_null(value: Value) -> bool:
    return isinstance(value, ConstantValue) and value.text == "null"
