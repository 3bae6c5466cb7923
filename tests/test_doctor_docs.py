"""docs/doctor.md and docs/exit-codes.md say what the code does."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgarchitect import errors
from pgarchitect.errors import PgArchitectError
from pgarchitect.postgres.capability import PROBES
from pgarchitect.postgres.capability_noun import Probe, State

DOCS = Path(__file__).parent.parent / "docs"


def error_classes() -> Iterator[type[PgArchitectError]]:
    """Every class of errors.py; a kind of another error than the root may share that one's code."""
    for each in vars(errors).values():
        if not (isinstance(each, type) and issubclass(each, PgArchitectError)):
            continue
        if "exit_code" in vars(each) or PgArchitectError in each.__bases__:
            yield each


def test_exit_codes_are_listed_exactly() -> None:
    table = re.findall(r"^\| (\d+) \| `(\w+)` \|", (DOCS / "exit-codes.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert table == [(str(each.exit_code), each.__name__) for each in error_classes()]


def test_exit_codes_differ() -> None:
    codes = [each.exit_code for each in error_classes()]
    assert len(set(codes)) == len(codes)
    assert 0 not in codes


def paragraphs() -> dict[str, str]:
    """Heading → text of every capability on the page."""
    page = (DOCS / "doctor.md").read_text(encoding="utf-8").partition("\n## Capabilities\n")[2]
    parts = re.split(r"^### (.+)$", page, flags=re.MULTILINE)[1:]
    return {name: " ".join(text.split()) for name, text in zip(parts[::2], parts[1::2], strict=True)}


def test_every_capability_has_its_paragraph_in_the_order_of_the_output() -> None:
    assert list(paragraphs()) == [each.name for each in PROBES]


@pytest.mark.parametrize("wanted", PROBES, ids=lambda each: each.name)
def test_a_paragraph_says_whether_it_is_required_and_how_it_is_fixed(wanted: Probe) -> None:
    text = paragraphs()[wanted.name]
    assert text.startswith("*Required") is wanted.required
    assert re.search(r"\bFix\b|Nothing has to be done|Only the architect's own", text)
    shared = set(re.findall(r"\w+", wanted.why)) & set(re.findall(r"\w+", text))
    assert len(shared) >= 4, "the page and the output tell different reasons"


@pytest.mark.parametrize("state", State)
def test_every_state_is_explained(state: State) -> None:
    assert f"\n- **{state}**: " in (DOCS / "doctor.md").read_text(encoding="utf-8")
