"""How the data layer connects: sizes, times, and what a pooler in between allows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """Of a pool; times in seconds.

    Attributes:
        min_size: connections that are opened at once.
        max_size: connections at most.
        max_waiting: callers that may wait for a connection; one more is refused at once (backpressure).
        timeout: that a caller waits for a connection.
        max_lifetime: of a connection; it is then replaced, up to a tenth earlier so that not all are at once.
        max_idle: after so long without use a connection is checked before it is given out.
        statement_timeout: of each statement, kept by the server; 0: none.
        prepared: statements stay prepared on the connection; not behind PgBouncer in transaction mode.
        statement_cache: prepared statements that a connection keeps at most.
    """

    min_size: int = 1
    max_size: int = 10
    max_waiting: int = 10_000
    timeout: float = 10.0
    max_lifetime: float = 3_600.0
    max_idle: float = 60.0
    statement_timeout: float = 30.0
    prepared: bool = True
    statement_cache: int = 256
