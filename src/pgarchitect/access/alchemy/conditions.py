"""``where`` as an expression of SQLAlchemy; what it means stands in ``access.conditions``."""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from pgarchitect.access import json_conditions
from pgarchitect.access.alchemy.catalog import Catalog, bound
from pgarchitect.access.conditions import DOCUMENT, SEARCHES, Where, compared, is_searched
from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.fields import Field, compared_field
from pgarchitect.access.shapes import ColumnShape, RelationShape, TableShape, ValueKind

Test = sa.ColumnElement[bool]
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
_PATTERNS: Final = {"contains": "%{}%", "starts_with": "{}%", "ends_with": "%{}"}
_JSON: Final = {
    "json_contains": "@>",
    "json_contained_by": "<@",
    "has_key": "?",
    "has_any_key": "?|",
    "has_all_keys": "?&",
}


class Tests:
    """Makes the conditions of one statement.

    Args:
        catalog: all tables.
    """

    __slots__ = ("_catalog",)

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def of(self, shape: TableShape, where: Where | None, row: sa.FromClause) -> Test:
        """The condition on a ``row`` of a table.

        Raises:
            UnknownField: a name is none of the table's.
            InvalidCondition: an operator does not exist for the field, or its value has the wrong form.
        """
        return sa.and_(sa.true(), *(self._part(shape, name, asked, row) for name, asked in (where or {}).items()))

    def _part(self, shape: TableShape, name: str, asked: object, row: sa.FromClause) -> Test:
        if name in {"AND", "OR", "NOT"}:
            return self._joined(shape, name, asked, row)
        if shape.is_relation(name):
            return self._related(shape.relation(name), asked, row)
        column = shape.column(name)
        return tested(column, row.c[column.name], _with_fields(shape, column, asked, row))

    def _joined(self, shape: TableShape, word: str, asked: object, row: sa.FromClause) -> Test:
        several = asked if isinstance(asked, list | tuple) else [asked]
        parts = [self.of(shape, _mapping(each, word), row) for each in several]
        if word == "OR":
            return sa.or_(sa.false(), *parts)
        both = sa.and_(sa.true(), *parts)
        return sa.not_(both) if word == "NOT" and parts else both

    def _related(self, relation: RelationShape, asked: object, row: sa.FromClause) -> Test:
        if not relation.to_many:
            return self._one(relation, asked, row)
        quantified = _mapping(asked, relation.name)
        if not quantified or set(quantified) - {"some", "every", "none"}:
            raise InvalidCondition(f"{relation.name} leads to many rows: ask for some, every or none of them.")
        parts = [self._quantified(relation, word, each, row) for word, each in quantified.items()]
        return sa.and_(sa.true(), *parts)

    def _quantified(self, relation: RelationShape, word: str, asked: object, row: sa.FromClause) -> Test:
        inside = _mapping(asked, relation.name)
        if word == "every":
            return sa.not_(self._exists(relation, inside, row, but=True))
        found = self._exists(relation, inside, row)
        return found if word == "some" else sa.not_(found)

    def _one(self, relation: RelationShape, asked: object, row: sa.FromClause) -> Test:
        if asked is None:
            return sa.not_(self._exists(relation, {}, row))
        inside = _mapping(asked, relation.name)
        if set(inside) == {"is"}:
            return self._one(relation, inside["is"], row)
        if set(inside) == {"is_not"}:
            found = self._exists(relation, _mapping(inside["is_not"] or {}, relation.name), row)
            return found if inside["is_not"] is None else sa.not_(found)
        return self._exists(relation, inside, row)

    def _exists(self, relation: RelationShape, where: Where, row: sa.FromClause, *, but: bool = False) -> Test:
        """Whether the relation leads to a row that fits; ``but``: to one that does not."""
        other = self._catalog.shapes[relation.target]
        inner = self._catalog.table(relation.target).alias()
        test = self.of(other, where, inner)
        if but:
            test = sa.or_(sa.not_(test), test.is_(sa.null()))
        inside: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(inner)
        return inside.where(self.joined(relation, row, inner), test).correlate_except(inner).exists()

    def number(self, relation: RelationShape, where: Where | None, row: sa.FromClause) -> sa.ScalarSelect[Any]:
        """How many rows a relation leads to from ``row``, of those that fit."""
        inner = self._catalog.table(relation.target).alias()
        test = self.of(self._catalog.shapes[relation.target], where, inner)
        inside: sa.Select[Any] = sa.select(sa.func.count()).select_from(inner)
        return inside.where(self.joined(relation, row, inner), test).correlate_except(inner).scalar_subquery()

    def joined(self, relation: RelationShape, row: sa.FromClause, inner: sa.FromClause) -> Test:
        """What makes ``inner`` a row that the relation leads to from ``row``."""
        if relation.through is None:
            pairs = zip(relation.here, relation.there, strict=True)
            return sa.and_(*(inner.c[there] == row.c[here] for here, there in pairs))
        between = self._catalog.pairs(relation.through).alias()
        theirs = sa.select(between.c.there).where(between.c.here == row.c[relation.here[0]]).correlate_except(between)
        return inner.c[relation.there[0]].in_(theirs)


def _with_fields(shape: TableShape, column: ColumnShape, asked: object, row: sa.FromClause) -> object:
    """The condition on a column with columns of the row where it names other fields."""
    if isinstance(asked, Field):
        return row.c[compared_field(shape, column, asked).name]
    if isinstance(asked, Mapping) and (column.kind is not ValueKind.JSON or column.is_list):
        return {name: _with_fields(shape, column, each, row) for name, each in asked.items()}
    return asked


def tested(column: ColumnShape, subject: sa.ColumnElement[Any], asked: object) -> Test:
    """The condition on ``subject``, whose values are those of a column."""
    if column.kind is ValueKind.JSON and not column.is_list:
        return _json(column, subject, asked)
    if not isinstance(asked, Mapping):
        return _equals(column, subject, asked)
    mode = asked.get("mode", "default") if column.is_text else "default"
    if mode not in {"default", "insensitive"}:
        raise InvalidCondition(f"mode of {column.name} is {mode!r}; it may be default or insensitive.")
    folded = mode == "insensitive"
    parts = [_operated(column, subject, name, asked[name], folded=folded) for name in asked if name != "mode"]
    return sa.and_(sa.true(), *parts)


def _operated(column: ColumnShape, subject: sa.ColumnElement[Any], name: str, value: object, *, folded: bool) -> Test:
    if name == "not":
        return subject.is_not(None) if value is None else sa.not_(tested(column, subject, value))
    if folded:
        return _folded(column, subject, name, value)
    if name == "equals":
        return _equals(column, subject, value)
    if name in {"in", "not_in"}:
        return _among(column, subject, name, value)
    if column.is_list:
        return _listed(column, subject, name, value)
    if name in _COMPARISONS and column.kind not in {ValueKind.JSON, ValueKind.BOOLEAN} and value is not None:
        made: Test = _COMPARISONS[name](subject, _operand(column, value))
        return made
    if name in _PATTERNS and column.is_text:
        return subject.like(_pattern(column, name, value), escape="/")
    if name in SEARCHES and is_searched(column):
        words = getattr(sa.func, SEARCHES[name])(sa.literal(_text(column, name, value), sa.Text()))
        document = subject if column.type == DOCUMENT else sa.func.to_tsvector(sa.cast(subject, sa.Text()))
        return document.op("@@", is_comparison=True)(words)
    raise _refused(column, name)


def _equals(column: ColumnShape, subject: sa.ColumnElement[Any], value: object) -> Test:
    if value is None:
        return subject.is_(None)
    if isinstance(value, sa.ColumnElement):
        return subject == value
    return subject == _operand(column, compared(column, value))


def _operand(column: ColumnShape, value: object) -> sa.ColumnElement[Any]:
    if isinstance(value, Field):
        compared_field(None, column, value)
    return value if isinstance(value, sa.ColumnElement) else bound(column, value)


def _among(column: ColumnShape, subject: sa.ColumnElement[Any], name: str, value: object) -> Test:
    values = _sequence(column, name, value)
    if column.is_list or any(each is None for each in values):
        raise _refused(column, name)
    parts = [bound(column, each) for each in values]
    return subject.in_(parts) if name == "in" else subject.not_in(parts)


def _folded(column: ColumnShape, subject: sa.ColumnElement[Any], name: str, value: object) -> Test:
    if name in _PATTERNS:
        return subject.ilike(_pattern(column, name, value), escape="/")
    if name == "equals":
        return subject.ilike(sa.literal(_escaped(column, name, value), sa.Text()), escape="/")
    if name not in {"in", "not_in"}:
        raise _refused(column, name)
    lower = sa.func.lower(subject, type_=sa.Text())
    values = [_text(column, name, each).lower() for each in _sequence(column, name, value)]
    parts = [sa.literal(each, sa.Text()) for each in values]
    return lower.in_(parts) if name == "in" else lower.not_in(parts)


def _listed(column: ColumnShape, subject: sa.ColumnElement[Any], name: str, value: object) -> Test:
    if name == "is_empty" and isinstance(value, bool):
        size = sa.func.cardinality(subject, type_=sa.Integer())
        return size == 0 if value else size > 0
    if name == "has" and value is not None:
        return subject.op("@>", is_comparison=True)(bound(column, [value]))
    if name in {"has_every", "has_some"}:
        sign = "@>" if name == "has_every" else "&&"
        return subject.op(sign, is_comparison=True)(bound(column, _sequence(column, name, value)))
    raise _refused(column, name)


def _json(column: ColumnShape, subject: sa.ColumnElement[Any], given: object) -> Test:
    if column.type != "jsonb":
        column, subject = json_conditions.binary(column), sa.cast(subject, pg.JSONB())
    asked = json_conditions.operators(column, given)
    if asked is None:
        return _equals(column, subject, given)
    path = json_conditions.path_of(column, asked)
    if path is not None:
        subject = subject.op("#>", return_type=pg.JSONB())(sa.literal(path, pg.ARRAY(sa.Text())))
    folded = json_conditions.folds(column, asked)
    names = [name for name in asked if name in json_conditions.OPERATORS]
    return sa.and_(*(_json_operated(column, subject, name, asked[name], folded=folded) for name in names))


def _json_operated(
    column: ColumnShape, subject: sa.ColumnElement[Any], name: str, value: object, *, folded: bool
) -> Test:
    kind = sa.func.jsonb_typeof(subject, type_=sa.Text())
    if pattern := json_conditions.PATTERNS.get(name):
        text = subject.op("#>>", return_type=sa.Text())(sa.literal([], pg.ARRAY(sa.Text())))
        like = text.ilike if folded else text.like
        return sa.and_(kind == "string", like(_pattern(column, pattern, value), escape="/"))
    if name in _COMPARISONS and value is not None:
        made = bound(column, value)
        return sa.and_(kind == sa.func.jsonb_typeof(made, type_=sa.Text()), _COMPARISONS[name](subject, made))
    if name in _JSON:
        return subject.op(_JSON[name], is_comparison=True)(_json_operand(column, name, value))
    return _operated(column, subject, name, value, folded=False)


def _json_operand(column: ColumnShape, name: str, value: object) -> sa.ColumnElement[Any]:
    if name in {"json_contains", "json_contained_by"}:
        return bound(column, value)
    if name == "has_key":
        return sa.literal(value, sa.Text())
    return sa.literal(_sequence(column, name, value), pg.ARRAY(sa.Text()))


def _pattern(column: ColumnShape, name: str, value: object) -> sa.ColumnElement[str]:
    return sa.literal(_PATTERNS[name].format(_escaped(column, name, value)), sa.Text())


def _escaped(column: ColumnShape, name: str, value: object) -> str:
    text = _text(column, name, value)
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")


def _text(column: ColumnShape, name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidCondition(f"{name} of {column.name} takes a text, not {type(value).__name__}.")
    return value


def _sequence(column: ColumnShape, name: str, value: object) -> list[Any]:
    if isinstance(value, str | bytes | Mapping) or not hasattr(value, "__iter__"):
        raise InvalidCondition(f"{name} of {column.name} takes a list, not {type(value).__name__}.")
    return list(value)


def _mapping(asked: object, name: str) -> Mapping[str, Any]:
    if not isinstance(asked, Mapping):
        raise InvalidCondition(f"{name} takes a mapping of fields to conditions, not {type(asked).__name__}.")
    return asked


def _refused(column: ColumnShape, name: str) -> InvalidCondition:
    return InvalidCondition(f"{column.name} has no operator {name!r}, or not with such a value; correct the condition.")
