"""Where reads of many rows go; what does them is loaded with the first of them."""

from dataclasses import dataclass

from pgarchitect.access.options import PoolOptions


@dataclass(frozen=True, slots=True)
class Bulk:
    """Where such reads go.

    Attributes:
        dsn: of the database.
        options: of its pool, whose time-outs hold here too.
    """

    dsn: str
    options: PoolOptions
