"""What a rename is about: its kind, and all parts of both names."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pgarchitect.errors import UsageError
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.difference.rename import Path, Rename, RenameKind

_INSIDE: Final = 3
"""Parts of the name of what belongs to a table or an enum."""


def located(renames: Sequence[Rename], before: DatabaseSchema, after: DatabaseSchema) -> list[Rename]:
    """The renames with their kinds and the whole of both names, schema in front.

    Columns and values are named with their table or enum as it was, or as it is to be.

    Raises:
        UsageError: nothing has the old name, several things have it, or nothing gets the new one.
    """
    kinds = {RenameKind.TABLE, RenameKind.ENUM}
    whole = [found for each in renames for found in _fitting(each, before, after, {}) if found.kind in kinds]
    moved = {each.old: each.new for each in whole}
    return [_located(each, before, after, moved) for each in renames]


def _located(rename: Rename, before: DatabaseSchema, after: DatabaseSchema, moved: Mapping[Path, Path]) -> Rename:
    found = _fitting(rename, before, after, moved)
    if len(found) == 1:
        return found[0]
    if not found:
        reason = "nothing has the old name, or nothing the new one"
    else:
        reason = "it can be " + " or ".join(f"{each.kind.value} {'.'.join(each.old)}" for each in found if each.kind)
    raise UsageError(f"--rename {rename} cannot be done: {reason}; look at both names, and put the schema in front.")


def paths(database: DatabaseSchema, kind: RenameKind) -> set[Path]:
    """The whole names of everything of one kind that can be renamed."""
    match kind:
        case RenameKind.TABLE:
            return {(each.schema, each.name) for each in database.tables}
        case RenameKind.ENUM:
            return {(each.schema, each.name) for each in database.enums}
        case RenameKind.SEQUENCE:
            return {(each.schema, each.name) for each in database.sequences}
        case _:
            return {path for what, path in objects(database) if what is kind}


def objects(database: DatabaseSchema) -> Iterator[tuple[RenameKind, Path]]:
    """Everything that can be renamed by its whole name."""
    for table in database.tables:
        where = (table.schema, table.name)
        yield RenameKind.TABLE, where
        yield from ((RenameKind.COLUMN, (*where, each.name)) for each in table.columns)
        yield from ((RenameKind.INDEX, (*where, each.name)) for each in table.indexes)
        names = [each.name for each in table.constraints] + [each.name for each in table.foreign_keys]
        key = [table.primary_key.name] if table.primary_key else []
        yield from ((RenameKind.CONSTRAINT, (*where, each)) for each in names + key)
    for enum in database.enums:
        yield RenameKind.ENUM, (enum.schema, enum.name)
        yield from ((RenameKind.ENUM_VALUE, (enum.schema, enum.name, each)) for each in enum.labels)
    for sequence in database.sequences:
        yield RenameKind.SEQUENCE, (sequence.schema, sequence.name)


def _fitting(rename: Rename, before: DatabaseSchema, after: DatabaseSchema, moved: Mapping[Path, Path]) -> list[Rename]:
    """Whatever has the old name and gets the new one; in the schema of unqualified names first."""
    home = before.schemas[0] if before.schemas else "public"
    there = set(objects(after))
    found = [
        each
        for kind, path in objects(before)
        if rename.kind in {None, kind}
        for each in _reading(rename, kind, path, moved)
        if (kind, each.new) in there
    ]
    whole = [each for each in found if each.old == rename.old]
    at_home = [each for each in found if each.old[0] == home]
    return whole or at_home or found


def _reading(rename: Rename, kind: RenameKind, path: Path, moved: Mapping[Path, Path]) -> Iterator[Rename]:
    """The rename as one of the thing of that name, if it can be."""
    owner = path[:-1]
    now = (*moved.get(owner, owner), path[-1])
    if rename.old not in {path, path[1:], now, now[1:]} or len(rename.old) < len(owner):
        return
    inside = len(path) == _INSIDE
    given = len(rename.new)
    yield Rename(path, (*now[:-1], rename.new[-1]) if inside else (*path[: len(path) - given], *rename.new), kind)
