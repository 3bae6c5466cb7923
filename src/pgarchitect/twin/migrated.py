"""What a migration did to a twin, told by the catalog before and after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pgarchitect.twin.carried_statistics import Told
from pgarchitect.twin.catalog_state import HEAPS, CatalogState
from pgarchitect.twin.files import IndexFile
from pgarchitect.twin.pages import BLOCK
from pgarchitect.twin.replay import Replay, Skipped


@dataclass(frozen=True, slots=True)
class NewIndex:
    """An index that a migration creates: size of all partitions together, height of the highest B-tree."""

    name: str
    table: str
    ddl: str
    size_bytes: int
    height: int | None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A table that a migration writes anew while nobody may use it: bytes before and after, indexes left out."""

    table: str
    before_bytes: int
    after_bytes: int


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration did.

    Attributes:
        indexes: that are new.
        dropped_indexes: by name.
        rewritten: tables that are written anew.
        renamed: new name of a relation → its old one.
        unknown: new tables and views whose rows come from statements that a twin cannot run, by name.
        skipped: statements that were left out.
        warnings: a sentence each.
        obstacles: why production would refuse it all the same, a sentence each.
    """

    indexes: tuple[NewIndex, ...] = ()
    dropped_indexes: tuple[str, ...] = ()
    rewritten: tuple[Rewritten, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    skipped: tuple[Skipped, ...] = ()
    warnings: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()


def new_indexes(
    before: CatalogState, after: CatalogState, files: Mapping[int, IndexFile], parents: Mapping[int, int]
) -> tuple[NewIndex, ...]:
    """Indexes that a migration creates; those that a changed type rebuilds under the same name are none.

    Args:
        before: the catalog before.
        after: and after.
        files: of new and rebuilt indexes, by oid.
        parents: indexes of partitions → partitioned index.
    """
    known = {(index.table, index.name) for index in before.relations.values() if index.table is not None}
    found = []
    for index in after.relations.values():
        new = index.table is not None and index.oid not in before.relations and (index.table, index.name) not in known
        if not new or index.oid in parents or index.table is None:
            continue
        parts = [files[oid] for oid in files if _belongs(oid, index.oid, parents)]
        heights = [part.height for part in parts if part.height is not None]
        found.append(
            NewIndex(
                index.name,
                after.relations[index.table].spelled,
                index.definition or "",
                sum(part.pages for part in parts) * BLOCK,
                max(heights) if heights else None,
            )
        )
    return tuple(found)


def _belongs(oid: int, whole: int, parents: Mapping[int, int]) -> bool:
    while oid != whole and oid in parents:
        oid = parents[oid]
    return oid == whole


def told_of(
    before: CatalogState,
    after: CatalogState,
    lengths: Mapping[int, int],
    *,
    unknown: frozenset[str],
    done: Replay,
    told: Told,
    indexes: tuple[NewIndex, ...],
) -> Migrated:
    """What came of it, from the catalog before and after, and from what was said on the way."""
    both = [(old, new) for oid, old in before.relations.items() if (new := after.relations.get(oid)) is not None]
    left = {(each.table, each.name) for each in after.relations.values()} | {(new.table, old.name) for old, new in both}
    rewritten = [(old, new) for old, new in both if new.kind in HEAPS and old.file != new.file and old.length]
    unseen = [new.spelled for old, new in rewritten if old.visible and not done.vacuums]
    if unseen:
        told.warnings.append(
            f"Until VACUUM has been at {', '.join(unseen)}, index-only scans of what was rewritten read the table too:"
            " run VACUUM (ANALYZE) after the migration."
        )
    return Migrated(
        indexes=indexes,
        dropped_indexes=tuple(
            old.name for old in before.relations.values() if old.table is not None and (old.table, old.name) not in left
        ),
        rewritten=tuple(Rewritten(new.spelled, old.length * BLOCK, lengths[new.oid] * BLOCK) for old, new in rewritten),
        renamed={new.name: old.name for old, new in both if new.name != old.name},
        unknown=unknown,
        skipped=tuple(done.skipped),
        warnings=tuple(told.warnings),
        obstacles=tuple(told.obstacles),
    )
