"""A proposal to drop one index, with all that is known of it."""

from pgarchitect.candidates.index_cleanup import IndexCleanup, Situation, last_scan, scans
from pgarchitect.candidates.index_sql import drop
from pgarchitect.candidates.write_saving import write_saving
from pgarchitect.schema.index_census import OwnedIndex


def dropped(
    situation: Situation,
    kind: str,
    index: OwnedIndex,
    reason: str,
    *,
    takes_over: OwnedIndex | None = None,
    concerns: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> IndexCleanup:
    """The proposal to drop ``index``.

    Args:
        situation: what is known.
        kind: the rule's.
        index: that is to go.
        reason: a sentence.
        takes_over: the index that serves in its place.
        concerns: why a person must look first.
        notes: what is good to know.
    """
    counted, saving, size = scans(situation, index), write_saving(situation, index), situation.census.size(index)
    moves = f" Its {counted:,} scan{'s' if counted > 1 else ''} will go there." if counted and takes_over else ""
    return IndexCleanup(
        candidate=drop(kind, index, reason + moves),
        index=index,
        size_bytes=size,
        saved_bytes=size,
        saved_entries=saving.entries,
        saved_per_day=saving.per_day,
        scans=counted,
        last_scan=last_scan(situation, index),
        takes_over=takes_over.qualified if takes_over else "",
        concerns=concerns,
        notes=notes,
    )
