"""Rows that rows of a sample refer to are fetched, and those that they refer to, until nothing is missing.

What is missing is found in the sandbox, so the source is asked for nothing but rows, by their keys. It ends since
tables do; circles of references, and tables that refer to themselves, need nothing more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.sandbox.choice import Choice
from pgarchitect.sandbox.rows import columns_of
from pgarchitect.sandbox.tables import Reference, Tables
from pgarchitect.sandbox.transfer import add_rows
from pgarchitect.twin.scope import quoted

_AT_ONCE_BYTES: Final = 16_000_000
"""About so much is fetched at once."""
_FEWEST, _MOST = 50, 10_000
"""Keys in one question."""

Key = tuple[str, ...]


@dataclass(slots=True)
class Closure:
    """What was fetched.

    Attributes:
        added: oid of a table → rows.
        dangling: name of a reference → rows that the source itself does not have, as with a key that is NOT VALID.
    """

    added: dict[int, int] = field(default_factory=dict)
    dangling: dict[str, int] = field(default_factory=dict)


def close(source: Connection, target: Connection, tables: Tables, choice: Choice) -> Closure:
    """Fetch until every reference into a sampled table leads somewhere.

    Args:
        source: inside its transaction.
        target: to the sandbox, which has no indexes yet.
        tables: that the sandbox has.
        choice: what was drawn.

    Raises:
        SourceRefused: the source refuses.
        psycopg.Error: the sandbox refuses.
    """
    found = Closure()
    roots = {table.oid: table.root for table in tables.by_oid.values()}
    into_samples = [each for each in tables.references if roots[each.parent] in choice.sampled and not each.temporal]
    edges = [_Edge(each, tables) for each in into_samples]
    waiting = list(edges)
    while waiting:
        edge = waiting.pop(0)
        if edge.fetch(source, target, found):
            grown = roots[edge.reference.parent]
            waiting += [each for each in edges if roots[each.reference.child] == grown and each not in waiting]
    return found


class _Edge:
    """One reference, while what it lacks is fetched."""

    def __init__(self, reference: Reference, tables: Tables) -> None:
        self.reference = reference
        self._child = tables.by_oid[reference.child]
        self._parent = tables.by_oid[reference.parent]
        unit = tables.units[self._parent.root]
        self._at_once = int(min(_MOST, max(_FEWEST, _AT_ONCE_BYTES * unit.rows / max(1, unit.size_bytes))))
        self._unknown: set[Key] = set()

    def fetch(self, source: Connection, target: Connection, found: Closure) -> bool:
        """Fetch what is missing now; whether anything came."""
        grown, doubtful = False, set[Key]()
        question = self._wanted()
        for keys in self._missing(target):
            asked = [key for key in keys if key not in self._unknown]
            if not asked:
                continue
            arrays = [_array(column) for column in zip(*asked, strict=True)]
            came = add_rows(source, target, self._parent, question, arrays)
            found.added[self._parent.oid] = found.added.get(self._parent.oid, 0) + came
            grown = grown or came > 0
            if came < len(asked):
                doubtful.update(asked)
        if doubtful:
            self._unknown |= doubtful & {key for keys in self._missing(target) for key in keys}
            found.dangling[self.reference.name] = len(self._unknown)
        return grown

    def _missing(self, target: Connection) -> Iterator[list[Key]]:
        """Keys that are missing, some at a time."""
        with target.transaction():
            target.execute(self._lacking().encode())
            while rows := target.execute(f"FETCH {self._at_once} FROM missing".encode()).fetchall():
                yield rows
            target.execute("CLOSE missing")

    def _lacking(self) -> str:
        reference = self.reference
        own = [f"c.{quoted(name)}" for name in reference.child_columns]
        names = _names(reference)
        casts = zip(own, reference.types, names, strict=True)
        return named("pgarchitect.sandbox", "closure.sql", "missing").format(
            texts=", ".join(f"{name}::pg_catalog.text" for name in names),
            casts=", ".join(f"{column}::{type_} AS {name}" for column, type_, name in casts),
            names=", ".join(names),
            child=self._child.from_item,
            parent=self._parent.from_item,
            present=" AND ".join(f"{column} IS NOT NULL" for column in own),
            match=_match(reference, own),
        )

    def _wanted(self) -> str:
        reference = self.reference
        names = _names(reference)
        return named("pgarchitect.sandbox", "closure.sql", "wanted").format(
            columns=columns_of("p", self._parent.columns).replace("%", "%%"),
            parent=self._parent.from_item.replace("%", "%%"),
            arrays=", ".join(f"%s::{type_}[]" for type_ in reference.types),
            names=", ".join(names),
            match=_match(reference, [f"w.{name}" for name in names]).replace("%", "%%"),
        )


def _names(reference: Reference) -> list[str]:
    return [f"k{number}" for number in range(len(reference.types))]


def _match(reference: Reference, others: Sequence[str]) -> str:
    keys = [f"p.{quoted(name)}" for name in reference.parent_columns]
    pairs = zip(keys, reference.operators, others, strict=True)
    return " AND ".join(f"{key} {operator} {other}" for key, operator, other in pairs)


def _array(values: Sequence[str]) -> str:
    """A literal of PostgreSQL's arrays."""
    return "{" + ",".join('"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"' for each in values) + "}"
