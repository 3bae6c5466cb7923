"""One subject from the empty database to figures: every answer really built and measured."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.advisor.answers import AUTOADMIN, CHECKED, OURS, Answer, answers, ours
from benchmarks.advisor.built import Built, runnable
from benchmarks.advisor.question import Question, question
from benchmarks.advisor.runs import Runs, run_all
from benchmarks.advisor.subject import Lab, Subject


@dataclass(frozen=True, slots=True)
class Measured:
    """An answer as it is when it is built.

    Attributes:
        answer: of an advisor.
        size_bytes: of all its indexes.
        cost: weighted, of the workload.
        errors: of each index whose size was promised, how far that is from the built one, as a part of this.
    """

    answer: Answer
    size_bytes: int
    cost: float
    errors: Mapping[str, float]

    @property
    def worst(self) -> float:
        """The greatest error; 0 where nothing was promised."""
        return max(self.errors.values(), default=0.0)

    @property
    def median(self) -> float:
        """The median error."""
        return statistics.median(self.errors.values()) if self.errors else 0.0


@dataclass(frozen=True, slots=True)
class Contest:
    """What came out of one subject.

    Attributes:
        subject: which one.
        asked: the workload.
        before: weighted cost without indexes.
        measured: every answer.
        runs: CPU time, where statements were executed.
        whole: our answer where every statement weighs 1 and no limit is set, where that is another question.
    """

    subject: Subject
    asked: Question
    before: float
    measured: Sequence[Measured]
    runs: Runs | None
    whole: Answer | None = None


def hold(subject: Subject, lab: Lab, peers: Sequence[Answer], rounds: int) -> Contest:
    """Ask every advisor, build what they and ``peers`` say, measure it, execute each statement ``rounds`` times."""
    asked = question(lab.url, subject.wanted(lab.url, lab.settings), lab.settings)
    found = [*answers(subject, lab, asked, runs=rounds > 0), *peers]
    whole = None
    if subject.everything is not None:
        whole = ours(lab, subject.everything(), None, None)
    built = Built(lab.url, lab.settings)
    lab.told("build the indexes")
    built.build(definition for each in found for definition in each.sizes)
    lab.told("measure costs")
    before = math.fsum(built.costs(asked.rows, []).values())
    measured = [_measured(each, built, asked) for each in found]
    runs = _runs(built, asked, found, rounds, lab.told) if subject.executes and rounds else None
    return Contest(subject, asked, before, measured, runs, whole)


def _measured(answer: Answer, built: Built, asked: Question) -> Measured:
    sizes = built.sizes(answer.sizes)
    cost = math.fsum(built.costs(asked.rows, answer.sizes).values())
    errors = {
        definition: abs(promised - sizes[definition]) / sizes[definition]
        for definition, promised in answer.sizes.items()
        if promised is not None
    }
    return Measured(answer, sum(sizes.values()), cost, errors)


def _runs(built: Built, asked: Question, found: Sequence[Answer], rounds: int, told: Callable[[str], None]) -> Runs:
    """Our answers without a budget and AutoAdmin's ten indexes; peers that were given, too."""
    compared = {
        each.adviser: tuple(each.sizes)
        for each in found
        if each.size_limit is None and (each.adviser in {OURS, CHECKED, AUTOADMIN} or each.calls is None)
    }
    told(f"execute {len(runnable(asked.rows))} statements under {len(compared) + 1} sets of indexes")
    return run_all(built, runnable(asked.rows), compared, rounds)
