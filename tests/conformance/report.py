"""What a run of the conformance suite found, as a page of the documentation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.conformance.comparison import Built, Pair

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "twin-accuracy.md"
_WORST: Final = 12
COST_P90: Final = 0.005
COST_MAX: Final = 0.05
SHAPES: Final = 0.999
"""Targets."""

_INTRODUCTION: Final = """# How exact the planner twin is

This page is written by `make conformance`, which compares twins with the databases that they were made from. Three
sources are filled: eight tables in the manner of TPC-H with its 22 questions and as many short statements, the sample
application with the statements that it sends, and a database of features: every kind of table, type, statistics and
index. Each index is then really built on the source, inside a transaction that is taken back, and tried on the twin;
all statements are planned on both sides. The twin is made by a role that has no more than `pg_read_all_data` and
`pg_monitor`.

An index on an expression is compared once ANALYZE has come by on the source. Of a table with more than 30,000 rows
ANALYZE reads some by chance, and two runs of it lead the source itself to different costs: it is run 41 times then,
and what the twin says is compared with the run whose cost is the median. CREATE INDEX counts the table's rows anew on
a real server; the comparison puts the old count back, since the twin tells what the index is worth and not what a new
count is.

These sources are also those that the twin was built against: the fill of GiST, SP-GiST, GIN and HNSW pages, one
constant of the GIN probe were set with these results in view. B-tree, hash and BRIN sizes follow from PostgreSQL's
code alone. Other data will do somewhat worse.

Where statistics do not tell an index's size or what an expression's values are, the twin reads pages of the source's
table, 1,000 at most (`PGARCHITECT_TWIN_SAMPLE_PAGES`). Most tables here are smaller, and are then counted exactly.
"""

_LIMITS: Final = """
## What it cannot know

- Of tables with more pages than a sample has, how often rare keys of a condition, an expression or several columns
  repeat: the sample is then taken for the whole, with the error that ANALYZE itself makes for the same reason. Rows of
  a partial index that lie together in few pages may be missed; the planner's own guess is then as good. Measured once
  by hand, nine such indexes on a table of 20,288 pages: with 1,000 pages the cost was off by 3.2 % at most, but for
  rows that lie at the table's end (8.0 %, a guess of two pages too many out of 13); with 300 pages by 22.8 %.
- Without a sample (forbidden, a statement that takes longer than a second, a function that no superuser owns, rows that
  a policy hides), how many rows meet a condition, how often the results of an expression repeat, and how columns depend
  on each other: these are guesses, and the twin says so.
- Rows beyond the histogram's end where no B-tree begins with the column, or with the expression, or where the role may
  not see all rows: their true end is in no catalog. It is thought to be the histogram's.
"""


@dataclass(slots=True)
class Run:
    """Results by the source's version: pairs of plans, sizes of indexes, and what was left out."""

    pairs: dict[str, list[Pair]] = field(default_factory=dict)
    built: dict[str, list[Built]] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    def add(self, version: str, pairs: Sequence[Pair], built: Sequence[Built]) -> None:
        """Add the results of one source."""
        self.pairs.setdefault(version, []).extend(pairs)
        self.built.setdefault(version, []).extend(built)

    def write(self) -> None:
        """Write the page."""
        PAGE.write_text("\n".join([_INTRODUCTION, *self._lines(), _LIMITS.rstrip(), ""]), encoding="utf-8")

    def _lines(self) -> Iterator[str]:
        for version in self.pairs:
            yield f"## {version}\n"
            yield from _summary(self.pairs[version], self.built[version])
            yield from _sources(self.pairs[version], self.built[version])
            yield from _worst(self.pairs[version], self.built[version])
        if self.skipped:
            yield "## Left out in this run\n"
            yield from (f"- {reason}" for reason in self.skipped)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a set of pairs comes to.

    Attributes:
        base: plans without a new index; how many of them are exact in cost and shape.
        tried: plans with a new index; in how many its use agrees, in how many the whole shape.
        errors: of the costs of plans that use the new index, in order.
    """

    base: int
    exact: int
    tried: int
    agreed: int
    shaped: int
    errors: tuple[float, ...]

    @classmethod
    def of(cls, pairs: Sequence[Pair]) -> "Figures":
        """Count."""
        base = [pair for pair in pairs if pair.index is None]
        tried = [pair for pair in pairs if pair.index is not None]
        return cls(
            base=len(base),
            exact=sum(pair.error == 0 and pair.source.shape == pair.twin.shape for pair in base),
            tried=len(tried),
            agreed=sum(pair.used[0] == pair.used[1] for pair in tried),
            shaped=sum(pair.source.shape == pair.twin.shape for pair in tried),
            errors=tuple(sorted(pair.error for pair in tried if any(pair.used))),
        )

    def error_at(self, share: float) -> float:
        """The error that this share of the plans does not exceed."""
        return self.errors[min(len(self.errors) - 1, int(share * len(self.errors)))] if self.errors else 0.0


def _summary(pairs: Sequence[Pair], built: Sequence[Built]) -> Iterator[str]:
    all_of_them = Figures.of(pairs)
    sizes = sorted(each.error for each in built)
    shaped = f"{all_of_them.shaped} of {all_of_them.tried} ({_percent(all_of_them.shaped / all_of_them.tried, 2)})"
    rows = [
        ("Plans without a new index, exact to the cent", "all", f"{all_of_them.exact} of {all_of_them.base}",
         all_of_them.exact == all_of_them.base),
        ("New index used or not used as on the source", "100 %", f"{all_of_them.agreed} of {all_of_them.tried}",
         all_of_them.agreed == all_of_them.tried),
        ("Shape of the plan as on the source", "99.9 %", shaped, all_of_them.shaped >= SHAPES * all_of_them.tried),
        ("Error of the cost, median", "", _percent(all_of_them.error_at(0.5), 3), None),
        ("Error of the cost, nine tenths below", "0.5 %", _percent(all_of_them.error_at(0.9), 3),
         all_of_them.error_at(0.9) <= COST_P90),
        ("Error of the cost, worst", "5 %", _percent(all_of_them.error_at(1), 2), all_of_them.error_at(1) <= COST_MAX),
        ("Error of the cost against the farthest run of ANALYZE, worst", "",
         _percent(max((pair.farthest for pair in pairs if any(pair.used)), default=0.0), 2), None),
        ("Difference between the source's own costs, by ANALYZE's chance, worst", "",
         _percent(max(pair.chance for pair in pairs), 2), None),
        ("Error of the size, median", "", _percent(sizes[len(sizes) // 2], 2), None),
        ("Error of the size, nine tenths below", "", _percent(sizes[int(0.9 * len(sizes))], 1), None),
        ("Error of the size, worst", "", _percent(sizes[-1], 0), None),
    ]  # fmt: skip
    yield f"{len({(p.sample, p.statement) for p in pairs})} statements, {len(built)} indexes really built.\n"
    yield "| | target | found | met |"
    yield "|---|---|---|---|"
    for what, target, found, met in rows:
        yield f"| {what} | {target} | {found} | {'' if met is None else 'yes' if met else 'no'} |"
    yield "\nErrors of the cost are those of plans that use the new index, on either side.\n"


def _sources(pairs: Sequence[Pair], built: Sequence[Built]) -> Iterator[str]:
    yield "| source | statements | indexes | exact without | use agrees | shape agrees | cost p90 | cost worst |"
    yield "|---|---|---|---|---|---|---|---|"
    for sample in dict.fromkeys(pair.sample for pair in pairs):
        one = Figures.of([pair for pair in pairs if pair.sample == sample])
        indexes = sum(each.sample == sample for each in built)
        yield (
            f"| {sample} | {one.base} | {indexes} | {one.exact} | {one.agreed} of {one.tried} |"
            f" {one.shaped} of {one.tried} | {_percent(one.error_at(0.9), 3)} | {_percent(one.error_at(1), 2)} |"
        )
    yield "\n| method | indexes | size error, median | worst |"
    yield "|---|---|---|---|"
    for method in sorted({each.method for each in built}):
        sizes = sorted(each.error for each in built if each.method == method)
        yield f"| {method} | {len(sizes)} | {_percent(sizes[len(sizes) // 2], 1)} | {_percent(sizes[-1], 1)} |"


def _worst(pairs: Sequence[Pair], built: Sequence[Built]) -> Iterator[str]:
    wrong = [
        pair
        for pair in pairs
        if pair.source.shape != pair.twin.shape or pair.used[0] != pair.used[1] or (pair.index is None and pair.error)
    ]
    off = sorted((pair for pair in pairs if any(pair.used) or pair.index is None), key=lambda pair: -pair.error)
    named = list(dict.fromkeys([*wrong, *(pair for pair in off[:_WORST] if pair.error > COST_P90 / 5)]))
    if named:
        yield "\nWhat is furthest off:\n"
        yield "| source | index | statement | cost there | cost on the twin | |"
        yield "|---|---|---|---|---|---|"
    for pair in named:
        remark = "" if pair.source.shape == pair.twin.shape else "another shape"
        yield (
            f"| {pair.sample} | {pair.index or ''} | {pair.statement} | {pair.source.cost:.2f} | {pair.twin.cost:.2f} |"
            f" {remark} |"
        )
    large = sorted((each for each in built if each.error > COST_MAX), key=lambda each: -each.error)
    if large:
        yield "\nSizes that are off by more than a twentieth, in pages:\n"
        yield "| source | index | there | on the twin |"
        yield "|---|---|---|---|"
    for each in large:
        yield f"| {each.sample} | {each.index} | {each.source // 8192} | {each.twin // 8192} |"
    yield ""


def _percent(share: float, digits: int) -> str:
    return f"{100 * share:.{digits}f} %"
