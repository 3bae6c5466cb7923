"""What a column's default is, from the expression that the server prints."""

import re
from functools import lru_cache
from typing import Final

from pgarchitect.schema.database_schema import ColumnDefault, DefaultKind
from pgarchitect.schema.ddl.quoting import literal, quote

_CAST: Final = r"(?:::(?:\"(?:[^\"]|\"\")+\"|[\w .]+?)(?:\.\"(?:[^\"]|\"\")+\"|\.\w+)?(?:\([\d, ]+\))?(?:\[\])*)*"
_STRING: Final = re.compile(rf"(E?)'((?:[^'\\]|''|\\.)*)'{_CAST}", re.DOTALL)
_PLAIN: Final = re.compile(rf"'((?:[^']|'')*)'{_CAST}", re.DOTALL)
_NUMBER: Final = re.compile(rf"\(?(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\)?{_CAST}")
_NUMERIC_TEXT: Final = re.compile(r"-?\d+(?:\.\d+)?")
_ARRAY: Final = re.compile(rf"ARRAY\[(.*?)\]{_CAST}", re.DOTALL)
_CAST_ARRAY: Final = re.compile(rf"\((ARRAY\[.*\]{_CAST})\){_CAST}", re.DOTALL)
"""An array that is cast twice, as those of types with a length are."""
_SEQUENCE: Final = re.compile(r"nextval\('((?:[^']|'')*)'::regclass\)", re.DOTALL)
_NOW: Final = frozenset({"CURRENT_TIMESTAMP", "now()"})
_ARRAY_ITEM: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|([^",{}\\\s][^",{}\\]*)', re.DOTALL)
_ARRAY_TEXT: Final = re.compile(rf"\{{(?:{_ARRAY_ITEM.pattern})(?:,(?:{_ARRAY_ITEM.pattern}))*\}}", re.DOTALL)
_BIT_STRINGS: Final = frozenset({"bit", "varbit"})
_NUMERIC: Final = frozenset({"int2", "int4", "int8", "float4", "float8", "numeric", "oid", "money"})


@lru_cache(maxsize=1024)
def default_of(expression: str, type_name: str, sequence: tuple[str, str] | None) -> ColumnDefault:
    """The default that the server prints as ``expression``.

    Args:
        expression: as ``pg_get_expr`` prints it.
        type_name: of one element, as ``pg_type.typname`` has it.
        sequence: that the column owns, if it does: as SQL spells it, and its name.
    """
    if sequence and _takes_from(sequence[1], expression):
        # As lowering spells it, whatever search_path the server spells it for.
        return ColumnDefault(DefaultKind.SEQUENCE, f"nextval({literal(sequence[0])}::regclass)", sequence[1])
    if expression in _NOW:
        return ColumnDefault(DefaultKind.NOW, "CURRENT_TIMESTAMP", printed=expression)
    constant = _array(expression, type_name) or _literal(expression, type_name)
    if constant is not None:
        return ColumnDefault(DefaultKind.LITERAL, constant, printed=expression)
    return ColumnDefault(DefaultKind.EXPRESSION, expression, printed=expression)


def _takes_from(sequence: str, expression: str) -> bool:
    """Whether a default is the next number of a sequence of that name: a column may own one, and take another's."""
    found = _SEQUENCE.fullmatch(expression)
    name = found[1].replace("''", "'") if found else ""
    return name == sequence or name.endswith((quote(sequence), f".{sequence}"))


def _literal(expression: str, type_name: str) -> str | None:
    if expression in {"true", "false"}:
        return expression
    if (number := _NUMBER.fullmatch(expression)) and type_name in _NUMERIC:
        return number[1]
    text = string_of(expression.removeprefix("B") if type_name in _BIT_STRINGS else expression)
    if text is None:
        return None
    if type_name in _NUMERIC and _NUMERIC_TEXT.fullmatch(text):
        return text
    return literal(text)


def string_of(expression: str) -> str | None:
    """The value of a string constant, whatever it is cast to; None: it is none."""
    plain = _PLAIN.fullmatch(expression)
    if plain is not None:
        return plain[1].replace("''", "'")
    escaped = _STRING.fullmatch(expression)
    if escaped is None or not escaped[1]:
        return None
    return re.sub(r"\\(.)", r"\1", escaped[2].replace("''", "'"), flags=re.DOTALL)


def _array(expression: str, type_name: str) -> str | None:
    if string_of(expression) == "{}" and "[]" in expression:
        return "ARRAY[]"
    if (items := _array_text(string_of(expression), expression)) is not None:
        found_items = [_item(each, type_name) for each in items]
        return f"ARRAY[{', '.join(found_items)}]"
    twice = _CAST_ARRAY.fullmatch(expression)
    found = _ARRAY.fullmatch(twice[1] if twice else expression)
    if found is None:
        return None
    constants = [_literal(each, type_name) for each in _split(found[1])]
    if any(each is None for each in constants):
        return None
    return f"ARRAY[{', '.join(str(each) for each in constants)}]"


def _array_text(text: str | None, expression: str) -> list[str] | None:
    """The items of a one-dimensional array written as one text, ``{a,"b c"}``; None: it is no such thing."""
    if text is None or not _ARRAY_TEXT.fullmatch(text) or not expression.endswith("[]"):
        return None
    items = [(quoted, plain) for quoted, plain in _ARRAY_ITEM.findall(text[1:-1])]
    if any(plain.upper() == "NULL" for _, plain in items):
        return None
    return [plain or re.sub(r"\\(.)", r"\1", quoted) for quoted, plain in items]


def _item(text: str, type_name: str) -> str:
    """An item as a constant of its own."""
    if type_name == "bool":
        return "true" if text.startswith("t") else "false"
    return text if type_name in _NUMERIC and _NUMERIC_TEXT.fullmatch(text) else literal(text)


def _split(text: str) -> list[str]:
    """Items between commas that stand in no string."""
    parts, depth, quoted, start = [], 0, False, 0
    for number, each in enumerate(text):
        if each == "'":
            quoted = not quoted
        elif not quoted:
            depth += (each in "([") - (each in ")]")
            if each == "," and depth == 0:
                parts.append(text[start:number].strip())
                start = number + 1
    return [*parts, text[start:].strip()] if text.strip() else []
