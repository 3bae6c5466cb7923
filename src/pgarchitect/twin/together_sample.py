"""Several indexes of one table looked at in one sample: what they have in common is counted once.

Where many indexes of several columns are tried, there are more of them than samples may be taken.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.key_sample import (
    ENOUGH,
    Alike,
    KeySample,
    alike,
    hashed,
    key_sample,
    prefixes,
    share_error,
    size_and_nulls,
    sizes_of,
)
from pgarchitect.twin.sample_subject import Subject
from pgarchitect.twin.sampling import NotSampled, Question, Sampler, TableName

_AT_ONCE: Final = 5
"""Prefixes whose keys are counted in one statement: each takes about a third of what reading the sample takes."""
_SIZES: Final = named("pgarchitect.twin", "sample.sql", "sizes")


class Together:
    """What is known of the rows and keys of indexes."""

    def __init__(self, sampler: Sampler) -> None:
        """Nothing yet."""
        self._sampler = sampler
        self._known: dict[tuple[TableName, tuple[str, ...], int], KeySample] = {}

    def look(self, subjects: Iterable[Subject]) -> None:
        """Count for B-trees of all rows of one table; what fails is asked of each alone."""
        for some in _shared(each for each in subjects if _place(each) not in self._known):
            if len(some) > 1:
                with suppress(NotSampled):
                    self._known.update(_counted(some, self._sampler))

    def of(self, subject: Subject) -> KeySample:
        """The rows and keys of an index.

        Raises:
            NotSampled: there is no sample.
        """
        found = self._known.get(_place(subject)) if subject.predicate is None else None
        return found or key_sample(subject, self._sampler)


def _place(subject: Subject) -> tuple[TableName, tuple[str, ...], int]:
    return subject.table, subject.columns, subject.keys


def _shared(subjects: Iterable[Subject]) -> Iterator[list[Subject]]:
    """In portions that one statement can count, those that begin alike together."""
    some: dict[tuple[TableName, tuple[str, ...], int], Subject] = {}
    counted: set[str] = set()
    for each in sorted(subjects, key=lambda one: one.columns):
        if some and len(counted.union(prefixes(each))) > _AT_ONCE:
            yield list(some.values())
            some, counted = {}, set()
        some[_place(each)] = each
        counted.update(prefixes(each))
    if some:
        yield list(some.values())


def _counted(subjects: list[Subject], sampler: Sampler) -> dict[tuple[TableName, tuple[str, ...], int], KeySample]:
    keys = {prefix: place for place, prefix in enumerate(dict.fromkeys(_all_prefixes(subjects)), start=1)}
    portion, row = sampler.row(Question("together", subjects[0].table, _fragments(subjects, keys)))
    rows, pages, squares, sizes, found = row
    if not rows:
        raise NotSampled("the sample holds no row")
    error = share_error(rows, rows, pages, pages, squares)
    known: dict[tuple[TableName, tuple[str, ...], int], KeySample] = {}
    for place, subject in enumerate(subjects):
        own = [each[1:] for each in sizes or () if each[0] == place]
        enough = portion.complete or rows >= ENOUGH
        known[_place(subject)] = KeySample(
            complete=portion.complete,
            rows=rows,
            kept=rows,
            error=error,
            sizes=sizes_of(own, len(subject.columns)) if enough else {},
            alike=tuple(_alike(subject, keys, found or ())),
        )
    return known


def _all_prefixes(subjects: Iterable[Subject]) -> Iterator[str]:
    for each in subjects:
        yield from prefixes(each)


def _alike(subject: Subject, keys: dict[str, int], found: Iterable[Any]) -> Iterator[Alike]:
    columns = {keys[prefix]: count for count, prefix in enumerate(prefixes(subject), start=1)}
    for place, *counted in found:
        if place in columns:
            yield Alike(columns[place], *counted)


def _fragments(subjects: list[Subject], keys: dict[str, int]) -> dict[str, str]:
    facts: list[str] = []
    for place, subject in enumerate(subjects):
        size, nulls = size_and_nulls(subject)
        facts += [f"{size} AS size{place}", f"{nulls} AS nulls{place}"]
    facts += [f"{hashed(prefix)} AS key{place}" for prefix, place in keys.items()]
    return {
        "facts": ", ".join(facts),
        "sizes": " UNION ALL ".join(_SIZES.replace("{place}", str(place)) for place, _ in enumerate(subjects)),
        "alike": alike(keys.values()),
    }
