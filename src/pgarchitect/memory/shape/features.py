"""The features of one statement: each stands in a section, each section has its weight."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

WEIGHTS: Final[dict[str, float]] = {
    "kind": 1.0,
    "table": 1.6,
    "tables": 1.7,
    "filter": 0.95,
    "filter column": 1.0,
    "filters": 1.6,
    "join": 1.0,
    "group": 1.3,
    "order": 0.6,
    "output": 0.6,
    "aggregate": 0.9,
    "function": 0.5,
    "measures": 1.05,
    "write": 1.2,
    "trait": 0.8,
    "detail": 0.35,
    "word": 0.7,
}
"""Weight of a section with one feature; tuned with benchmarks/embedding_recall.py for the threshold 0.85."""

DAMPING: Final = 0.35
"""A section with n features weighs n^(1/2 - DAMPING) as much as one with a single feature: long lists of columns
must not drown what the statement filters by."""

_OF_COLUMNS: Final = frozenset({"filter", "filter column", "join", "group", "order", "output", "aggregate"})
"""Sections whose features are there twice, with and without the tables of their columns."""

_UNITED: Final = frozenset({"filter", "filter column", "group", "order", "output"})
_QUALIFIER: Final = re.compile(r"[\w$?]+\.(?=[\w$*])")


def bare(name: str) -> str:
    """``name`` without the tables of its columns, for statements that leave out the table of a column."""
    return _QUALIFIER.sub("", name) if "." in name else name


class Features:
    """The features of one statement, under construction; adding one twice changes nothing."""

    __slots__ = ("_sections",)

    def __init__(self) -> None:
        self._sections: dict[str, set[str]] = {}

    def add(self, section: str, name: str) -> None:
        """Add one feature; its first word is the column that it speaks of, where it speaks of one."""
        names = self._sections.get(section)
        if names is None:
            self._sections[section] = {name}
        else:
            names.add(name)

    def join(self, left: str, right: str) -> None:
        """Add an equality of two columns of different tables."""
        one, other = sorted((left, right))
        self.add("join", f"{one} {other}")

    def complete(self) -> None:
        """Add what follows from all features together; call it once, after the last ``add``.

        Columns that a join makes equal become one, so that grouping by either is the same. Signatures stand for
        whole sections and change when anything in them does: they keep statements apart that share all but one
        column.
        """
        self._unite_joined_columns()
        for section in _OF_COLUMNS & self._sections.keys():
            self._sections[section].update([f"~{bare(name)}" for name in self._sections[section]])
        self._sign("tables", "kind", "table", "trait")
        self._sign("filters", "filter")
        self._sign("measures", "aggregate", "group")

    def _unite_joined_columns(self) -> None:
        same: dict[str, str] = {}
        for one, _, other in sorted(join.partition(" ") for join in self._sections.get("join", ())):
            first, second = same.get(one, one), same.get(other, other)
            chosen = min(first, second)
            same = {column: chosen if known in {first, second} else known for column, known in same.items()}
            same[one] = same[other] = chosen
        for section in _UNITED & self._sections.keys() if same else ():
            self._sections[section] = {_first_word_replaced(name, same) for name in self._sections[section]}

    def _sign(self, section: str, *of: str) -> None:
        names = {f"{part}:{bare(name.lstrip('~'))}" for part in of for name in self._sections.get(part, ())}
        if names:
            self.add(section, " ".join(sorted(names)))

    def weighted(self) -> Iterator[tuple[str, float]]:
        """Each feature with its weight."""
        for section, names in self._sections.items():
            weight = WEIGHTS[section] * len(names) ** -DAMPING
            for name in names:
                yield f"{section}:{name}", weight


def _first_word_replaced(name: str, replacements: Mapping[str, str]) -> str:
    word, space, rest = name.partition(" ")
    return f"{replacements.get(word, word)}{space}{rest}"
