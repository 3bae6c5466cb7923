"""What source and twin say of the same statements, with and without really built indexes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from pgarchitect.postgres.connection import Connection
from pgarchitect.twin.planner_twin import PlannerTwin

_SHAPE: Final = (
    "Node Type",
    "Join Type",
    "Relation Name",
    "Index Name",
    "Scan Direction",
    "Strategy",
    "Partial Mode",
    "Parent Relationship",
)

_ALL_READ: Final = 30_000
"""Rows of a table that ANALYZE reads as a whole."""
_ANALYZE_RUNS: Final = 41
"""So many that the median is hardly chance: where one run in four leads to another cost (seen), that of five runs is so
in one comparison of eight, that of 41 in one of a thousand."""

Shape = tuple[Any, ...]
Lengths = list[tuple[Any, ...]]
"""Pages, rows and all-visible pages of each table, with its oid."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One plan, as far as it is compared."""

    cost: float
    shape: Shape
    indexes: frozenset[str]

    @classmethod
    def of(cls, tree: Mapping[str, Any]) -> "Planned":
        """From the ``Plan`` object of EXPLAIN's JSON."""
        return cls(float(tree["Total Cost"]), _shape(tree), frozenset(_indexes(tree)))


@dataclass(frozen=True, slots=True)
class Pair:
    """The plan of one statement on the source and on the twin.

    Attributes:
        sample: name of the source.
        statement: name of the statement.
        index: name of the index that was tried; None without one.
        parts: names under which plans may show it: those of its partitions.
        source: what the source plans; of several runs of ANALYZE, that with the median cost.
        twin: what the twin plans.
        costs: the source's after each run of ANALYZE.
    """

    sample: str
    statement: str
    index: str | None
    parts: frozenset[str]
    source: Planned
    twin: Planned
    costs: tuple[float, ...] = ()

    @property
    def chance(self) -> float:
        """How far the source's own costs lie apart, as a share, when ANALYZE chooses rows anew."""
        least = min(self.costs, default=0.0)
        return max(self.costs) / least - 1 if least else 0.0

    @property
    def used(self) -> tuple[bool, bool]:
        """Whether the tried index is in the plan of the source, of the twin."""
        return bool(self.parts & self.source.indexes), bool(self.parts & self.twin.indexes)

    @property
    def error(self) -> float:
        """How far the twin's cost is off, as a share of the source's."""
        return abs(self.twin.cost - self.source.cost) / self.source.cost if self.source.cost else 0.0

    @property
    def farthest(self) -> float:
        """How far the twin's cost is off from that of the run of ANALYZE that it fits least, as a share."""
        return max((abs(self.twin.cost - cost) / cost for cost in self.costs if cost), default=self.error)


@dataclass(frozen=True, slots=True)
class Built:
    """Size of one index, really built and estimated; bytes."""

    sample: str
    index: str
    method: str
    source: int
    twin: int

    @property
    def error(self) -> float:
        """How far the estimate is off, as a share."""
        return abs(self.twin - self.source) / self.source


def base_pairs(sample: str, statements: Mapping[str, str], source: Connection, twin: PlannerTwin) -> Iterator[Pair]:
    """Each statement on both sides, with the indexes that the source has."""
    for name, text in statements.items():
        yield Pair(sample, name, None, frozenset(), planned(source, text), Planned.of(twin.explain(text).tree))


def index_pairs(
    sample: str, statements: Mapping[str, str], ddl: tuple[str, str], source: Connection, twin: PlannerTwin
) -> tuple[Built, list[Pair]]:
    """Each statement on both sides with one more index: built on the source and taken back, tried on the twin.

    Args:
        sample: name of the source.
        statements: text by name.
        ddl: the index's name, and the statement that creates it.
        source: a superuser's connection that may write.
        twin: of the source.
    """
    index, create = ddl
    found = twin.try_index(create)
    with twin.configuration(present=[found.name]):
        ours = {name: Planned.of(twin.explain(text).tree) for name, text in statements.items()}
    with _built(source, create, index) as lengths:
        parts = source.execute(_PARTS, {"index": index}).fetchall()
        real = [
            {name: planned(source, text) for name, text in statements.items()}
            for _ in _analysed(source, index, lengths)
        ]
    built = Built(sample, index, parts[0][1], sum(part[2] for part in parts), found.size_bytes)
    names = frozenset(part[0] for part in parts)
    return built, [_pair(sample, name, index, names, [run[name] for run in real], ours[name]) for name in statements]


def _pair(  # noqa: PLR0917  # the fields of a pair
    sample: str, statement: str, index: str, names: frozenset[str], runs: Sequence[Planned], twin: Planned
) -> Pair:
    """Compared with the median run: the nearest would flatter the twin, any other be chance."""
    median = sorted(runs, key=lambda each: each.cost)[len(runs) // 2]
    return Pair(sample, statement, index, names, median, twin, tuple(each.cost for each in runs))


_PARTS: Final = """
WITH RECURSIVE part AS (
  SELECT oid FROM pg_class WHERE relname = %(index)s AND relkind IN ('i', 'I')
  UNION ALL SELECT inhrelid FROM pg_inherits JOIN part ON part.oid = inhparent)
SELECT c.relname, a.amname, pg_relation_size(c.oid)::bigint
FROM pg_class c JOIN part USING (oid) JOIN pg_am a ON a.oid = c.relam WHERE c.relkind = 'i'"""


@contextmanager
def _built(source: Connection, ddl: str, index: str) -> Iterator[Lengths]:
    """The index is there inside the block; the lengths of all tables as they were are handed in."""
    lengths = source.execute(_LENGTHS).fetchall()
    with source.transaction(force_rollback=True):
        source.execute(ddl.encode())
        _restore(source, lengths)
        yield lengths
    _restore(source, lengths)


def _analysed(source: Connection, index: str, lengths: Lengths) -> Iterator[None]:
    """Once with the statistics that the index has when ANALYZE came by; several times where it chooses by chance."""
    row = source.execute(_EXPRESSION_ROWS, (index,)).fetchone()
    if row is None:
        yield
        return
    for _ in range(_ANALYZE_RUNS if row[0] > _ALL_READ else 1):
        source.execute(_ANALYZE_EXPRESSIONS.replace("{index}", index.replace("'", "''")).encode())
        _restore(source, lengths)
        yield


_LENGTHS: Final = (
    "SELECT relpages, reltuples, relallvisible, oid FROM pg_class WHERE relkind IN ('r', 'm') AND oid >= 16384"
)
_EXPRESSION_ROWS: Final = """
SELECT t.reltuples FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
WHERE c.relname = %s AND i.indexprs IS NOT NULL"""
# Statistics of the index alone are made anew: those of columns would differ from the twin's by another sample.
_ANALYZE_EXPRESSIONS: Final = """
DO $$ DECLARE found record; target regclass := (SELECT indrelid FROM pg_index WHERE indexrelid =
    (SELECT oid FROM pg_class WHERE relname = '{index}')); BEGIN
  FOR found IN SELECT attname FROM pg_attribute WHERE attrelid = target AND attnum > 0 AND NOT attisdropped LOOP
    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', target, found.attname);
  END LOOP;
  FOR found IN SELECT i.indexrelid::regclass AS name, k.number
    FROM pg_index i, generate_series(1, i.indnatts) k (number)
    WHERE i.indrelid = target AND i.indkey[k.number - 1] = 0
    AND i.indexrelid <> (SELECT oid FROM pg_class WHERE relname = '{index}') LOOP
    EXECUTE format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS 0', found.name, found.number);
  END LOOP;
  FOR found IN SELECT format('%I.%I', n.nspname, stxname) AS name FROM pg_statistic_ext e
    JOIN pg_namespace n ON n.oid = e.stxnamespace WHERE stxrelid = target LOOP
    EXECUTE format('ALTER STATISTICS %s SET STATISTICS 0', found.name);
  END LOOP;
  EXECUTE format('ANALYZE %s', target);
END $$"""


def _restore(source: Connection, lengths: Lengths) -> None:
    """CREATE INDEX counts the table's rows, which is not undone; the tables are to stay what the twin was made from."""
    for row in lengths:
        source.execute(
            "UPDATE pg_class SET relpages = %s, reltuples = %s, relallvisible = %s WHERE oid = %s"
            " AND (relpages, reltuples, relallvisible) IS DISTINCT FROM (%s::int, %s::real, %s::int)",
            (*row, *row[:3]),
        )


def planned(connection: Connection, statement: str) -> Planned:
    """What the source itself plans."""
    row = connection.execute(f"EXPLAIN (FORMAT JSON) {statement}".encode()).fetchone()
    assert row is not None
    return Planned.of(row[0][0]["Plan"])


def _shape(tree: Mapping[str, Any]) -> Shape:
    return (*(tree.get(key, "") for key in _SHAPE), tuple(_shape(child) for child in tree.get("Plans", ())))


def _indexes(tree: Mapping[str, Any]) -> Iterator[str]:
    if "Index Name" in tree:
        yield tree["Index Name"]
    for child in tree.get("Plans", ()):
        yield from _indexes(child)
