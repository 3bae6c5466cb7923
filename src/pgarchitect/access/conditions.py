"""``where`` as SQL: a condition is a mapping of fields to values or operators, as in Prisma.

``{"points": {"gte": 10}, "OR": [{"role": "ADMIN"}, {"email": {"ends_with": "@x.org"}}]}``. Names are looked up in the
table's shape, values become parameters; nothing of a condition is ever text of the statement.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pgarchitect.access import json_conditions
from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.fields import Field, compared_field
from pgarchitect.access.shapes import ColumnShape, RelationShape, Tables, TableShape, ValueKind
from pgarchitect.access.statement import Parameters

Where = Mapping[str, Any]
"""Fields, relations or AND, OR, NOT → value, operators or conditions."""

_Row = tuple[TableShape, str] | None
"""The table of a row whose field is asked about, and what the statement calls it; None: it is no row's."""
SEARCHES: Final = {"search": "to_tsquery", "websearch": "websearch_to_tsquery"}
"""Searches for words, in the server's own language or as search engines have it → what reads them."""
DOCUMENT: Final = "tsvector"
"""The type of what is made for such searches."""
_COMPARISONS: Final = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_DEEPEST: Final = 100
"""Conditions within conditions at most: more would exhaust Python's stack, or the server's."""
_PATTERNS: Final = {"contains": "'%' || {} || '%'", "starts_with": "{} || '%'", "ends_with": "'%' || {}"}


_CONTAINMENTS: Final = {
    "json_contains": ("@>", ""),
    "json_contained_by": ("<@", ""),
    "has_key": ("?", "text"),
    "has_any_key": ("?|", "text[]"),
    "has_all_keys": ("?&", "text[]"),
}
"""Operator and type of the operand; empty: JSON."""


class Conditions:
    """Writes the conditions of one statement.

    Args:
        tables: shapes of all tables, for relations.
        parameters: collects the values.
    """

    __slots__ = ("_aliases", "_depth", "_parameters", "_row", "_tables")

    def __init__(self, tables: Tables, parameters: Parameters) -> None:
        self._tables = tables
        self._parameters = parameters
        self._aliases = 0
        self._depth = 0
        self._row: _Row = None

    def of(self, table: TableShape, where: Where | None, alias: str) -> str:
        """The condition on rows of ``table``, which the statement calls ``alias``; ``true`` where there is none.

        Raises:
            UnknownField: a name is none of the table's.
            InvalidCondition: an operator does not exist for the field, or its value has the wrong form.
        """
        if where is None or not _mapping(where, "where"):
            return "true"
        self._deeper(table)
        parts = [self._part(table, where, name, alias) for name in where]
        self._depth -= 1
        return " AND ".join(parts)

    def _deeper(self, table: TableShape | ColumnShape) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise InvalidCondition(f"A condition on {table.name} is nested more than {_DEEPEST} deep; flatten it.")

    def _part(self, table: TableShape, where: Where, name: str, alias: str) -> str:
        given = where[name]
        if name in {"AND", "OR", "NOT"}:
            return self._joined(table, name, given, alias)
        if table.is_relation(name):
            return self._related(table, table.relation(name), given, alias)
        column = table.column(name)
        return self.tested(column, given, f"{alias}.{column.quoted}", (table, alias))

    def _joined(self, table: TableShape, word: str, given: object, alias: str) -> str:
        several: Sequence[Any] = given if isinstance(given, list | tuple) else [given]
        parts = [f"({self.of(table, _mapping(each, word), alias)})" for each in several]
        if word == "NOT":
            return f"NOT ({' AND '.join(parts)})" if parts else "true"
        if not parts:
            return "true" if word == "AND" else "false"
        return f"({f' {word} '.join(parts)})"

    def tested(self, column: ColumnShape, given: object, subject: str, row: _Row = None) -> str:
        """The condition on ``subject``, whose values are those of a column, in a row; raises as ``of`` does."""
        self._row = row
        if column.kind is ValueKind.JSON and not column.is_list:
            return self._json(column, given, subject)
        if not isinstance(given, Mapping):
            return self._equals(column, subject, given)
        folded = _folded(column, given)
        parts = [self._operator(column, subject, name, given[name], folded=folded) for name in given if name != "mode"]
        return " AND ".join(parts) if parts else "true"

    def _json(self, column: ColumnShape, given: object, subject: str) -> str:
        if column.type != "jsonb":
            column, subject = json_conditions.binary(column), f"{subject}::jsonb"
        asked = json_conditions.operators(column, given)
        if asked is None:
            return self._equals(column, subject, given)
        path = json_conditions.path_of(column, asked)
        if path is not None:
            subject = f"({subject} #> {self._parameters.typed(path, 'text[]')})"
        folded = json_conditions.folds(column, asked)
        names = [name for name in asked if name in json_conditions.OPERATORS]
        return " AND ".join(self._json_operator(column, subject, name, asked[name], folded=folded) for name in names)

    def _json_operator(self, column: ColumnShape, subject: str, name: str, value: object, *, folded: bool) -> str:
        if pattern := json_conditions.PATTERNS.get(name):
            text = _PATTERNS[pattern].format(self._parameters.typed(_escaped(_text(column, name, value)), "text"))
            match = "ILIKE" if folded else "LIKE"
            return f"(jsonb_typeof({subject}) = 'string' AND ({subject} #>> '{{}}') {match} {text})"
        if name in _COMPARISONS:
            made = self._parameters.add(column, _present(column, name, value))
            return f"(jsonb_typeof({subject}) = jsonb_typeof({made}) AND {subject} {_COMPARISONS[name]} {made})"
        if name in _CONTAINMENTS:
            operator, kind = _CONTAINMENTS[name]
            made = self._parameters.typed(value, kind) if kind else self._parameters.add(column, value)
            return f"{subject} {operator} {made}"
        return self._operator(column, subject, name, value, folded=False)

    def _operator(self, column: ColumnShape, subject: str, name: str, value: object, *, folded: bool) -> str:
        if name == "not":
            return self._negated(column, subject, value)
        if folded:
            return self._folded(column, subject, name, value)
        if name == "equals":
            return self._equals(column, subject, value)
        if name in {"in", "not_in"}:
            return self._among(column, subject, name, value)
        if column.is_list:
            return self._list(column, subject, name, value)
        if name in _COMPARISONS and column.kind not in {ValueKind.JSON, ValueKind.BOOLEAN}:
            return f"{subject} {_COMPARISONS[name]} {self._operand(column, _present(column, name, value))}"
        if name in _PATTERNS and column.is_text:
            return f"{subject} LIKE {self._pattern(column, name, value)}"
        if name in SEARCHES and is_searched(column):
            document = subject if column.type == DOCUMENT else f"to_tsvector({subject}::text)"
            return f"{document} @@ {SEARCHES[name]}({self._parameters.typed(_text(column, name, value), 'text')})"
        raise InvalidCondition(f"{column.name} has no operator {name!r}; {_operators(column)}.")

    def _equals(self, column: ColumnShape, subject: str, value: object) -> str:
        if value is None:
            return f"{subject} IS NULL"
        return f"{subject} = {self._operand(column, value if isinstance(value, Field) else compared(column, value))}"

    def _operand(self, column: ColumnShape, value: object) -> str:
        """What a column is compared with: a value, or another field of the row."""
        if not isinstance(value, Field):
            return self._parameters.add(column, value)
        table, alias = self._row or (None, "")
        return f"{alias}.{compared_field(table, column, value).quoted}"

    def _negated(self, column: ColumnShape, subject: str, value: object) -> str:
        if value is None:
            return f"{subject} IS NOT NULL"
        self._deeper(column)
        test = f"NOT ({self.tested(column, value, subject, self._row)})"
        self._depth -= 1
        return test

    def _among(self, column: ColumnShape, subject: str, name: str, value: object) -> str:
        if column.is_list:
            raise InvalidCondition(f"{column.name} is a list and has no operator {name!r}; use has_some or equals.")
        values = _sequence(column, name, value)
        if any(each is None for each in values):
            raise InvalidCondition(f"{name} of {column.name} holds None, which equals nothing; ask for None by itself.")
        test = f"{subject} = ANY({self._parameters.list(column, values)})"
        return test if name == "in" else f"NOT ({test})"

    def _folded(self, column: ColumnShape, subject: str, name: str, value: object) -> str:
        if name in _PATTERNS:
            return f"{subject} ILIKE {self._pattern(column, name, value)}"
        if name == "equals":
            return f"{subject} ILIKE {self._parameters.add(column, _escaped(_text(column, name, value)))}"
        if name in {"in", "not_in"}:
            values = [_text(column, name, each).lower() for each in _sequence(column, name, value)]
            test = f"lower({subject}) = ANY({self._parameters.list(column, values)})"
            return test if name == "in" else f"NOT ({test})"
        raise InvalidCondition(f"{name!r} of {column.name} cannot be insensitive; leave mode out.")

    def _pattern(self, column: ColumnShape, name: str, value: object) -> str:
        return _PATTERNS[name].format(self._parameters.add(column, _escaped(_text(column, name, value))))

    def _list(self, column: ColumnShape, subject: str, name: str, value: object) -> str:
        if name == "is_empty":
            return f"cardinality({subject}) {'=' if _boolean(column, name, value) else '>'} 0"
        if name == "has":
            values = self._parameters.add(column, [_present(column, name, value)])
            return f"{subject} @> {values}"
        if name in {"has_every", "has_some"}:
            values = self._parameters.add(column, _sequence(column, name, value))
            return f"{subject} {'@>' if name == 'has_every' else '&&'} {values}"
        raise InvalidCondition(f"{column.name} has no operator {name!r}; {_operators(column)}.")

    def _related(self, table: TableShape, relation: RelationShape, given: object, alias: str) -> str:
        if not relation.to_many:
            return self._one(table, relation, given, alias)
        asked = _mapping(given, relation.name)
        unknown = set(asked) - {"some", "every", "none"}
        if unknown or not asked:
            raise InvalidCondition(f"{relation.name} leads to many rows: ask for some, every or none of them.")
        return " AND ".join(self._quantified(table, relation, name, asked[name], alias) for name in asked)

    def _quantified(self, table: TableShape, relation: RelationShape, name: str, given: object, alias: str) -> str:
        if name == "every":
            return f"NOT {self._exists(table, relation, given, alias, negated=True)}"
        return f"{'NOT ' if name == 'none' else ''}{self._exists(table, relation, given, alias)}"

    def _one(self, table: TableShape, relation: RelationShape, given: object, alias: str) -> str:
        if given is None:
            return f"NOT {self._exists(table, relation, {}, alias)}"
        asked = _mapping(given, relation.name)
        if set(asked) == {"is"}:
            self._deeper(table)
            test = self._one(table, relation, asked["is"], alias)
            self._depth -= 1
            return test
        if set(asked) == {"is_not"}:
            inner = asked["is_not"]
            return f"{'' if inner is None else 'NOT '}{self._exists(table, relation, inner or {}, alias)}"
        return self._exists(table, relation, asked, alias)

    def _exists(
        self, table: TableShape, relation: RelationShape, given: object, alias: str, *, negated: bool = False
    ) -> str:
        return f"EXISTS (SELECT 1 {self._related_rows(table, relation, given, alias, negated=negated)})"

    def number(self, table: TableShape, relation: RelationShape, where: Where | None, alias: str) -> str:
        """How many rows a relation leads to from a row ``alias``, of those that fit; raises as ``of`` does."""
        return f"(SELECT count(*) {self._related_rows(table, relation, where or {}, alias)})"

    def _related_rows(
        self, table: TableShape, relation: RelationShape, given: object, alias: str, *, negated: bool = False
    ) -> str:
        self._aliases += 1
        inner, other = f"r{self._aliases}", self._tables[relation.target]
        test = self.of(other, _mapping(given, relation.name), inner)
        if negated:
            # Unknown counts as not fulfilled, as it does in a WHERE.
            test = f"({test}) IS NOT TRUE"
        return f"FROM {other.qualified} {inner} WHERE {joined(table, other, relation, alias, inner)} AND {test}"


def joined(table: TableShape, other: TableShape, relation: RelationShape, alias: str, inner: str) -> str:
    """What makes a row ``inner`` of the other table one that ``relation`` leads to from a row ``alias``."""
    here = [f"{alias}.{table.column(each).quoted}" for each in relation.here]
    there = [f"{inner}.{other.column(each).quoted}" for each in relation.there]
    if relation.through is None:
        return " AND ".join(f"{theirs} = {mine}" for mine, theirs in zip(here, there, strict=True))
    between = relation.through
    return (
        f"EXISTS (SELECT 1 FROM {between.qualified} j WHERE j.{between.here_quoted} = {here[0]}"
        f" AND j.{between.there_quoted} = {there[0]})"
    )


def is_searched(column: ColumnShape) -> bool:
    """Whether words can be searched for in the values of a column."""
    return not column.is_list and (column.is_text or column.type == DOCUMENT)


def _folded(column: ColumnShape, given: Mapping[str, Any]) -> bool:
    mode = given.get("mode", "default") if column.is_text else "default"
    if not isinstance(mode, str) or mode not in {"default", "insensitive"}:
        raise InvalidCondition(f"mode of {column.name} is {mode!r}; it may be default or insensitive.")
    return bool(mode == "insensitive")


def _operators(column: ColumnShape) -> str:
    names = ["equals", "not"]
    if column.is_list:
        names += ["has", "has_every", "has_some", "is_empty"]
    else:
        names += ["in", "not_in"]
        names += [] if column.kind in {ValueKind.JSON, ValueKind.BOOLEAN} else list(_COMPARISONS)
        names += [*_PATTERNS, "mode"] if column.is_text else []
        names += list(SEARCHES) if is_searched(column) else []
        names += list(json_conditions.OPERATORS[4:]) if column.kind is ValueKind.JSON else []
    return f"it has {', '.join(names)}"


def compared(column: ColumnShape, value: object) -> object:
    """What a column is to be equal to: a list where it holds lists, one value where it does not.

    Raises:
        InvalidCondition: it is the other of these.
    """
    if column.is_list:
        return _sequence(column, "equals", value)
    if isinstance(value, list | tuple | set | frozenset) and column.kind is not ValueKind.JSON:
        raise InvalidCondition(f'{column.name} equals one value, not a {type(value).__name__}; ask for {{"in": …}}.')
    return value


def _mapping(given: object, name: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise InvalidCondition(f"{name} takes a mapping of fields to conditions, not {type(given).__name__}.")
    return given


def _sequence(column: ColumnShape, name: str, value: object) -> list[Any]:
    if isinstance(value, str | bytes | Mapping) or not hasattr(value, "__iter__"):
        raise InvalidCondition(f"{name} of {column.name} takes a list, not {type(value).__name__}.")
    return list(value)


def _present(column: ColumnShape, name: str, value: object) -> object:
    if value is None:
        raise InvalidCondition(f"{name} of {column.name} takes a value, not None, which compares with nothing.")
    return value


def _text(column: ColumnShape, name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidCondition(f"{name} of {column.name} takes a text, not {type(value).__name__}.")
    return value


def _boolean(column: ColumnShape, name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidCondition(f"{name} of {column.name} takes True or False, not {type(value).__name__}.")
    return value


def _escaped(text: str) -> str:
    r"""A text that LIKE takes literally; the escape character is the backslash."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
