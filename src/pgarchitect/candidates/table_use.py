"""The nouns of a statement's shape: what is asked of one use of one table."""

from dataclasses import dataclass, field

from pgarchitect.schema.catalog import Column, Table


@dataclass(frozen=True, slots=True)
class Key:
    """Something that an index can be built on: a column, or an expression of one.

    Attributes:
        sql: as it is written in an index definition; an expression in parentheses.
        column: the column, or the first one inside the expression.
        expression: True for an expression.
        others: further columns inside the expression.
    """

    sql: str
    column: Column
    expression: bool = False
    others: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of an ORDER BY."""

    key: Key
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that every row has to meet that is asked for.

    Attributes:
        sql: without the table's name, as it stands in the definition of a partial index.
        kept: the part of the table's rows that meets it, estimated, 0 … 1.
        columns: that it looks at.
        fixed: it leaves its column one value, so that the column need not be a key any more.
    """

    sql: str
    kept: float
    columns: tuple[Column, ...]
    fixed: bool = False


@dataclass(slots=True)
class TableUse:
    """One use of one table in one scope; lists without repetition, in the statement's order.

    Attributes:
        equal: compared with constants for equality (=, IN, = ANY).
        flags: asked for IS NULL or as a bare boolean: equality that is seldom selective.
        joined: compared for equality with columns of other tables, of an outer query or of a subquery.
        ranged: compared by <, <=, >, >=, BETWEEN.
        pattern: compared by LIKE with what may begin with a fixed prefix.
        searched: compared by LIKE, ILIKE or a regular expression with what may stand anywhere in a text.
        contained: compared by a containment or overlap operator (@>, <@, &&), or by a path into a document (@?, @@).
        with_keys: documents asked for having a key (?, ?|, ?&).
        words: texts searched for words (@@).
        either: branches of an OR.
        grouped: GROUP BY, DISTINCT or DISTINCT ON.
        extremes: arguments of min() and max().
        order: ORDER BY, when all of its keys are this table's.
        windows: PARTITION BY and ORDER BY of window functions, when all of the keys are this table's.
        limited: that ORDER BY has a LIMIT.
        touched: every column of it that the statement mentions.
        conditions: that compare columns of it with each other or with constants, and what follows from the others.
    """

    table: Table
    equal: list[Key] = field(default_factory=list)
    flags: list[Key] = field(default_factory=list)
    joined: list[Key] = field(default_factory=list)
    ranged: list[Key] = field(default_factory=list)
    pattern: list[Key] = field(default_factory=list)
    searched: list[Key] = field(default_factory=list)
    contained: list[Key] = field(default_factory=list)
    with_keys: list[Key] = field(default_factory=list)
    words: list[Key] = field(default_factory=list)
    either: list[Key] = field(default_factory=list)
    grouped: list[Key] = field(default_factory=list)
    extremes: list[Key] = field(default_factory=list)
    order: list[OrderKey] = field(default_factory=list)
    windows: list[tuple[OrderKey, ...]] = field(default_factory=list)
    limited: bool = False
    touched: list[Column] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
