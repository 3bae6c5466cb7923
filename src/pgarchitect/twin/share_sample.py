"""Which share of a table's rows keeps each of many conditions, counted for all of them in one sample.

The planner can only guess how many rows have ``received < promised``, and so how large an index on them would be. Where
many partial indexes are tried, there are more of them than samples may be taken.
"""

from collections.abc import Iterable
from typing import Final

from pgarchitect.twin.key_sample import KeySample, share_error
from pgarchitect.twin.sample_subject import Subject
from pgarchitect.twin.sampling import NotSampled, Question, Sampler, TableName

_FACTS: Final = 3
"""That are counted of each condition."""


class Shares:
    """What is known of conditions."""

    def __init__(self, sampler: Sampler) -> None:
        """Nothing yet."""
        self._sampler = sampler
        self._known: dict[tuple[TableName, str], KeySample] = {}

    def look(self, subjects: Iterable[Subject]) -> None:
        """Count the rows of partial indexes of one table, if there are several conditions; others' functions are not
        run."""
        wanted = {each.condition: each for each in subjects if each.predicate and not each.functions}
        new = [each for condition, each in sorted(wanted.items()) if (each.table, condition) not in self._known]
        if len(new) > 1:
            self._count(new)

    def of(self, subject: Subject) -> KeySample | None:
        """The rows that an index would hold, without its keys; None when nobody counted them."""
        return self._known.get((subject.table, subject.condition))

    def _count(self, subjects: list[Subject]) -> None:
        try:
            self._known.update(_counted(subjects, self._sampler))
        except NotSampled:
            # One condition that fails for some row spoils the answer for the others.
            if len(subjects) > 1:
                half = len(subjects) // 2
                self._count(subjects[:half])
                self._count(subjects[half:])


def _counted(subjects: list[Subject], sampler: Sampler) -> dict[tuple[TableName, str], KeySample]:
    table = subjects[0].table
    places = range(len(subjects))
    counts = (f"count(*) FILTER (WHERE {subjects[place].condition}) AS kept{place}" for place in places)
    shares = (f"sum(kept{place}), count(*) FILTER (WHERE kept{place} > 0), sum(kept{place} ^ 2)" for place in places)
    portion, row = sampler.row(Question("shares", table, {"counts": ", ".join(counts), "shares": ", ".join(shares)}))
    rows, pages, found = row
    if not rows:
        raise NotSampled("the sample holds no row")
    known: dict[tuple[TableName, str], KeySample] = {}
    for place, subject in enumerate(subjects):
        kept, hit, squares = found[_FACTS * place : _FACTS * (place + 1)]
        error = share_error(rows, round(kept), pages, round(hit), squares)
        known[table, subject.condition] = KeySample(portion.complete, rows, round(kept), error, {}, ())
    return known
