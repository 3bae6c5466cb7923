"""Whether two things are the same to PostgreSQL, whatever they are called and however they are written."""

import re
from dataclasses import replace
from typing import Final

from pgarchitect.schema.database_schema import (
    Column,
    ColumnType,
    Constraint,
    DefaultKind,
    ForeignKey,
    Index,
    PrimaryKey,
    TypeKind,
    View,
)

_WORDS: Final = re.compile(r"""'(?:[^']|'')*'|"([a-z_][a-z0-9_]*)"|"(?:[^"]|"")*"|\s+""")
"""What white space stands in and must be left, and white space."""

_TOKENS: Final = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[\w$]+|[^\w\s]""")


def same_type(ours: ColumnType, theirs: ColumnType) -> bool:
    """The same type; of types other than enums and built-in ones the schema may be unsaid."""
    if ours == theirs:
        return True
    if ours.kind is theirs.kind is TypeKind.OTHER and "" in {ours.schema, theirs.schema}:
        return replace(ours, schema="") == replace(theirs, schema="")
    return False


def same_default(ours: Column, theirs: Column) -> bool:
    """The same default: a sequence of its own may have any name, a constant may be called an expression."""
    first, second = ours.default, theirs.default
    if first is None or second is None:
        return first is second
    if DefaultKind.SEQUENCE in {first.kind, second.kind}:
        return first.kind is second.kind
    return same_expression(first.sql, second.sql)


def same_expression(ours: str, theirs: str) -> bool:
    """The same text, but for parentheses around all of it, white space, and quotes that a name does not need."""
    return ours == theirs or _bare(ours) == _bare(theirs)


def same_index(ours: Index, theirs: Index) -> bool:
    """The same index under any name."""
    if ours == theirs:
        return True
    if len(ours.columns) != len(theirs.columns) or not same_expression(ours.where, theirs.where):
        return False
    keys = zip(ours.columns, theirs.columns, strict=True)
    if not all(
        replace(one, expression="") == replace(other, expression="")
        and same_expression(one.expression, other.expression)
        for one, other in keys
    ):
        return False
    return _plain(ours) == _plain(theirs)


def same_key(ours: PrimaryKey, theirs: PrimaryKey) -> bool:
    """The same primary key under any name."""
    return replace(ours, name="") == replace(theirs, name="")


def same_foreign_key(ours: ForeignKey, theirs: ForeignKey) -> bool:
    """The same foreign key under any name, whether it was validated or not."""
    return ours == theirs or replace(ours, name="", validated=True) == replace(theirs, name="", validated=True)


def same_constraint(ours: Constraint, theirs: Constraint) -> bool:
    """The same CHECK or EXCLUDE constraint under any name."""
    return same_expression(ours.definition, theirs.definition)


def same_view(ours: View, theirs: View) -> bool:
    """The same view, as servers of any version spell it; its columns follow from its definition."""
    if (ours.materialized, ours.options) != (theirs.materialized, theirs.options):
        return False
    if ours.reads is not None and theirs.reads is not None and _relations(ours.reads) != _relations(theirs.reads):
        return False  # of texts alone, a name with its schema may be that of a column with its table
    return same_definition(ours.definition, theirs.definition)


def _relations(reads: frozenset[tuple[str, str, str]]) -> set[tuple[str, str]]:
    return {(schema, name) for schema, name, _ in reads}


def same_definition(ours: str, theirs: str) -> bool:
    """The same statement, as servers of any version spell it."""
    first, second = (each.strip().removesuffix(";") for each in (ours, theirs))
    return same_expression(first, second) or _same_but_for_qualifiers(_bare(first), _bare(second))


def _same_but_for_qualifiers(ours: str, theirs: str) -> bool:
    """Whether all that one text has more are tables before columns, which PostgreSQL up to 15 writes always.

    Later versions leave them out where a SELECT reads one table.
    """
    one, other = (_TOKENS.findall(each) for each in (ours, theirs))
    at = beside = 0
    while at < len(one) and beside < len(other):
        if one[at] == other[beside]:
            at, beside = at + 1, beside + 1
        elif one[at + 1 : at + 3] == [".", other[beside]]:
            at += 2
        elif other[beside + 1 : beside + 3] == [".", one[at]]:
            beside += 2
        else:
            return False
    return at == len(one) and beside == len(other)


def _plain(index: Index) -> Index:
    return replace(index, name="", columns=(), where="", parameters=tuple(sorted(index.parameters)))


def _bare(text: str) -> str:
    found = _WORDS.sub(_plain_word, text).strip()
    while found.startswith("(") and found.endswith(")") and _encloses(found):
        found = found[1:-1].strip()
    return found


def _plain_word(found: re.Match[str]) -> str:
    if found[1] is not None:
        return found[1]
    return found[0] if found[0].strip() else " "


def _encloses(text: str) -> bool:
    """Whether the first parenthesis closes with the last character; one in a string makes it a no."""
    depth = 0
    for place, each in enumerate(text):
        depth += (each == "(") - (each == ")")
        if depth == 0:
            return place == len(text) - 1
    return False
