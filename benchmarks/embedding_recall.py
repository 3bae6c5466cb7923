"""How well the embedding of statements finds the same question again, and how fast it is.

Every family of sql_families.toml puts its statement and its near misses into one memory. A variant is found when
the nearest of all remembered statements is that of its own family (recall@1). At the threshold that the log uses,
a variant below it is a miss, and a near miss or another family at or above it is a false match.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Final

from rich.console import Console
from rich.table import Table

from pgarchitect.memory.embedding import Embedding, Vector, similarity
from pgarchitect.memory.sql_shape import SqlShape
from pgarchitect.workload.syntax import parse

THRESHOLD: Final = 0.85
_FAMILIES: Final = Path(__file__).with_name("sql_families.toml")
_TIMED_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Family:
    """Statements that ask for the same thing, and near misses that do not.

    Attributes:
        name: what is asked for.
        tuned: the weights of the embedding were chosen with this family in sight.
        statement: as it is remembered.
        easy: other literals, aliases, letter case, layout, order of predicates.
        hard: other join syntax, common table expression, subquery, a column more.
        near_miss: other questions in almost the same words.
    """

    name: str
    tuned: bool
    statement: str
    easy: tuple[str, ...]
    hard: tuple[str, ...]
    near_miss: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recall:
    """Counts over all variants of one kind.

    Attributes:
        variants: number of variants.
        found: those whose nearest remembered statement is their family's.
        near: those at or above the threshold to their family's statement.
        not_found: the others of the first kind, by family and text.
    """

    variants: int
    found: int
    near: int
    not_found: tuple[tuple[str, str], ...]

    @property
    def at_1(self) -> float:
        """Recall@1, 0 … 1."""
        return self.found / self.variants


@dataclass(frozen=True, slots=True)
class Confusion:
    """Pairs of statements that ask for different things.

    Attributes:
        near_misses: pairs of a near miss with its family's statement or one of its variants.
        near_misses_near: those at or above the threshold.
        strangers: pairs of statements of two families.
        strangers_near: those at or above the threshold.
    """

    near_misses: int
    near_misses_near: int
    strangers: int
    strangers_near: int


def families() -> tuple[Family, ...]:
    """The evaluation set."""
    with _FAMILIES.open("rb") as file:
        rows = tomllib.load(file)["family"]
    return tuple(
        Family(
            row["name"], row["tuned"], row["statement"], tuple(row["easy"]), tuple(row["hard"]), tuple(row["near_miss"])
        )
        for row in rows
    )


def recall(embedding: Embedding, chosen: Sequence[Family], kind: str) -> Recall:
    """Ask for each variant of ``kind`` (``easy`` or ``hard``) of the chosen families; the memory holds all families."""
    remembered = [
        (name, embedding.embed(text))
        for family in families()
        for name, text in ((family.name, family.statement), *(("", miss) for miss in family.near_miss))
    ]
    own = dict(remembered)
    found, near, not_found = 0, 0, []
    variants = [(family.name, text) for family in chosen for text in getattr(family, kind)]
    for name, text in variants:
        vector = embedding.embed(text)
        nearest, _ = max(remembered, key=lambda known: similarity(vector, known[1]))
        found += nearest == name
        near += similarity(vector, own[name]) >= THRESHOLD
        if nearest != name:
            not_found.append((name, text))
    return Recall(len(variants), found, near, tuple(not_found))


def confusion(embedding: Embedding, chosen: Sequence[Family]) -> Confusion:
    """Compare statements that ask for different things."""
    same = [[embedding.embed(text) for text in (family.statement, *family.easy, *family.hard)] for family in chosen]
    misses = [[embedding.embed(text) for text in family.near_miss] for family in chosen]
    own = [_near(one, other) for one, other in _pairs_within(same, misses)]
    strangers = [_near(one, other) for one, other in _pairs_between(same)]
    return Confusion(len(own), sum(own), len(strangers), sum(strangers))


def _pairs_within(same: list[list[Vector]], misses: list[list[Vector]]) -> Iterator[tuple[Vector, Vector]]:
    for ours, others in zip(same, misses, strict=True):
        yield from ((one, other) for one in ours for other in others)


def _pairs_between(groups: list[list[Vector]]) -> Iterator[tuple[Vector, Vector]]:
    for place, ours in enumerate(groups):
        for others in groups[place + 1 :]:
            yield from ((one, other) for one in ours for other in others)


def _near(one: Vector, other: Vector) -> bool:
    return similarity(one, other) >= THRESHOLD


def speed(*, parsed: bool) -> float:
    """Embeddings per second of CPU over the whole set; with ``parsed``, without the time of the parser."""
    embedding = SqlShape()
    texts = [text for family in families() for text in (family.statement, *family.easy, *family.hard)]
    trees = [parse(text) for text in texts]
    done, start = 0, process_time()
    while (spent := process_time() - start) < _TIMED_S:
        if parsed:
            for tree in trees:
                embedding.embed_tree(tree)
        else:
            for text in texts:
                embedding.embed(text)
        done += len(texts)
    return done / spent


def run(console: Console) -> None:
    """Measure and print."""
    embedding, every = SqlShape(), families()
    table = Table(title=f"Embedding {embedding.name}: is the same question found again?")
    for heading in ("families", "variants", "recall@1", f"cosine ≥ {THRESHOLD}"):
        table.add_column(heading, justify="left" if heading == "families" else "right")
    for label, chosen in (
        ("weights tuned on", [family for family in every if family.tuned]),
        ("weights not tuned on", [family for family in every if not family.tuned]),
        ("all", list(every)),
    ):
        for kind in ("easy", "hard"):
            row = recall(embedding, chosen, kind)
            table.add_row(
                f"{label} ({len(chosen)}), {kind}",
                str(row.variants),
                f"{100 * row.at_1:.1f} %",
                f"{100 * row.near / row.variants:.1f} %",
            )
    console.print(table)
    _print_confusion(console, confusion(embedding, every))
    console.print(
        f"Embeddings per second of CPU: {speed(parsed=False):,.0f} with parsing,"
        f" {speed(parsed=True):,.0f} of statements already parsed."
    )


def _print_confusion(console: Console, counted: Confusion) -> None:
    table = Table(title=f"Different questions taken for the same (cosine ≥ {THRESHOLD})")
    for heading in ("pairs of", "pairs", "false matches"):
        table.add_column(heading, justify="left" if heading == "pairs of" else "right")
    for label, pairs, near in (
        ("near misses of one family", counted.near_misses, counted.near_misses_near),
        ("statements of two families", counted.strangers, counted.strangers_near),
    ):
        table.add_row(label, f"{pairs:,}", f"{near:,} ({100 * near / pairs:.1f} %)")
    console.print(table)
