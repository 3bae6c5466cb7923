"""What is wrong with a schema is said where Prisma says it, and in its words: 460 small schemas, one rule each."""

from pgarchitect.schema.psl.diagnostics import Diagnostics
from pgarchitect.schema.psl.parsing import parse
from pgarchitect.schema.psl.validation.check import check
from tests.prisma_errors import Told, cases


def found(text: str) -> tuple[Told, ...]:
    diagnostics = Diagnostics()
    check([parse("schema.prisma", text, diagnostics)], diagnostics)
    return tuple(sorted((each.span.start, each.span.end, each.text) for each in diagnostics.found))


def test_every_error_is_the_one_that_is_recorded() -> None:
    wrong = {case.text: (found(case.text), case.wanted) for case in cases() if found(case.text) != case.wanted}
    assert wrong == {}


def test_the_record_has_each_rule() -> None:
    recorded = cases()
    assert len({case.schema for case in recorded}) == len(recorded) > 450
    assert sum(bool(case.errors) for case in recorded) > 350
    assert len({text for case in recorded for _, _, text in case.errors}) > 250
    assert sum(case.ours is not None for case in recorded) < 8
