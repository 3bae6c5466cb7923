"""The kinds of clean-up, registered in one place and in the order in which they are looked for."""

from collections.abc import Callable, Collection
from typing import Final

from pgarchitect.candidates.bloated_index import bloated_indexes
from pgarchitect.candidates.duplicate_index import duplicate_indexes
from pgarchitect.candidates.index_cleanup import Found, Situation
from pgarchitect.candidates.invalid_index import invalid_indexes
from pgarchitect.candidates.redundant_index import redundant_indexes
from pgarchitect.candidates.unused_index import unused_indexes

CleanupKind = Callable[[Situation, Collection[int]], Found]
"""(what is known, oids of indexes that are proposed to go already) → proposals and refusals."""

CLEANUP_KINDS: Final[tuple[CleanupKind, ...]] = (
    invalid_indexes,
    duplicate_indexes,
    unused_indexes,
    redundant_indexes,
    bloated_indexes,
)
"""Duplicates before unused ones, since only one of a pair is scanned; then what is redundant beside those that stay."""


def clean_up(situation: Situation) -> Found:
    """Every kind's proposals; an index is proposed once, by the first kind that names it."""
    found = Found()
    for kind in CLEANUP_KINDS:
        found += kind(situation, found.gone)
    return found
