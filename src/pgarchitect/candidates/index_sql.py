"""The SQL that drops or rebuilds an index, and the SQL that brings it back as it was."""

from typing import Final

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.schema.index_census import OwnedIndex

NOTHING_TO_UNDO: Final = "-- Nothing to undo: the index stays what it is, only its file is written anew."


def drop(kind: str, index: OwnedIndex, reason: str) -> Candidate:
    """The candidate that drops an index; a partitioned one cannot be dropped CONCURRENTLY."""
    concurrently = "" if index.partitioned else "CONCURRENTLY "
    return _candidate(kind, index, reason, f"DROP INDEX {concurrently}{index.qualified};", _creation(index))


def rebuild(kind: str, index: OwnedIndex, reason: str) -> Candidate:
    """The candidate that builds an index anew in its place."""
    return _candidate(kind, index, reason, f"REINDEX INDEX CONCURRENTLY {index.qualified};", NOTHING_TO_UNDO)


def without_name(index: OwnedIndex) -> str:
    """CREATE INDEX of the same definition that leaves the name to the server."""
    head, rest = _parts(index)
    return f"{head}{rest}"


def _candidate(kind: str, index: OwnedIndex, reason: str, sql: str, rollback_sql: str) -> Candidate:
    return Candidate(
        kind=kind,
        table=index.table_name,
        sql=sql,
        rollback_sql=rollback_sql,
        trial_sql=sql.replace("CONCURRENTLY ", "", 1).removesuffix(";"),
        object_name=index.name,
        qualified_name=index.qualified,
        reason=reason,
        fingerprints=(),
        key=f"{kind}: {index.qualified}",
    )


def _creation(index: OwnedIndex) -> str:
    """The statements that bring an index back as it was, with what its definition does not say."""
    head, rest = _parts(index)
    if index.tablespace:
        where = f" WHERE {index.predicate}" if index.predicate else ""
        body = rest.removesuffix(where)
        rest = f"{body} TABLESPACE {index.tablespace}{rest[len(body) :]}"
    concurrently = "" if index.partitioned else "CONCURRENTLY "
    more = [f"ALTER INDEX {index.qualified} ALTER COLUMN {each};" for each in index.statistics_targets]
    if index.comment:
        text = index.comment.replace("'", "''")
        more.append(f"COMMENT ON INDEX {index.qualified} IS '{text}';")
    if index.clustered:
        more.append(f"ALTER TABLE {index.table_name} CLUSTER ON {index.quoted};")
    return "\n".join([f"{head}{concurrently}{index.quoted} {rest};", *more])


def _parts(index: OwnedIndex) -> tuple[str, str]:
    """What stands before and behind the name in CREATE INDEX; a partitioned one is for its partitions, too."""
    head = "CREATE UNIQUE INDEX " if index.unique else "CREATE INDEX "
    rest = index.definition.removeprefix(f"{head}{index.quoted} ")
    return head, "ON " + rest.removeprefix("ON ").removeprefix("ONLY ")
