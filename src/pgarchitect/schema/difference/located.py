"""What a rename is about: its kind, and all parts of both names."""

from collections.abc import Iterator

from pgarchitect.errors import UsageError
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.difference.rename import Path, Rename, RenameKind


def located(rename: Rename, before: DatabaseSchema, after: DatabaseSchema) -> Rename:
    """The rename with its kind and the whole of both names, schema in front.

    Raises:
        UsageError: nothing has the old name, several things have it, or nothing gets the new one.
    """
    found = [each for each in _readings(rename, before) if rename.kind in {None, each.kind} and _arrives(each, after)]
    if len(found) == 1:
        return found[0]
    if not found:
        reason = "nothing has the old name, or nothing the new one"
    else:
        reason = "it can be " + " or ".join(f"{each.kind.value} {'.'.join(each.old)}" for each in found if each.kind)
    raise UsageError(f"--rename {rename} cannot be done: {reason}; look at both names, and put the schema in front.")


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


def _readings(rename: Rename, before: DatabaseSchema) -> list[Rename]:
    """Whatever has the old name; in the schema of unqualified names first."""
    home = before.schemas[0] if before.schemas else "public"
    found = [
        Rename(path, (*path[: len(path) - len(rename.new)], *rename.new), kind)
        for kind, path in objects(before)
        if rename.old in {path, path[1:]}
    ]
    whole = [each for each in found if each.old == rename.old]
    at_home = [each for each in found if each.old[0] == home]
    return whole or at_home or found


def _arrives(rename: Rename, after: DatabaseSchema) -> bool:
    """Whether something of that kind has the new name afterwards (a column may come to a renamed table)."""
    return any(
        kind is rename.kind and (path == rename.new or (len(path) > 2 and path[-1] == rename.new[-1]))
        for kind, path in objects(after)
    )
