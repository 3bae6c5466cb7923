"""A workload of what a server counted."""

from dataclasses import replace

from pgarchitect.postgres.capability import pg_stat_statements_schema, require_audit
from pgarchitect.postgres.connection import Connection
from pgarchitect.workload.pg_stat_statements import Counters, Filters, read_counters, slow_statements
from pgarchitect.workload.workload import Workload


def read_counted(connection: Connection) -> Counters:
    """What pg_stat_statements holds of the current database.

    Raises:
        MissingCapability: it is not there, or not readable; the message names the first fix.
    """
    require_audit(connection)
    return read_counters(connection, pg_stat_statements_schema(connection))


def read_workload(connection: Connection, filters: Filters) -> Workload:
    """The statements of the current database that pass ``filters``, since the server began to count.

    Raises:
        MissingCapability: as ``read_counted``.
    """
    return since_reset(read_counted(connection), filters)


def since_reset(counters: Counters, filters: Filters) -> Workload:
    """The statements that pass ``filters``, with all that was counted of them since the server began to count."""
    found = slow_statements(counters.texts, counters.figures, filters, counters.hidden)
    return replace(found, since=counters.since)
