"""Sources and twins for a comparison: a database filled with a sample, read by a role without special rights."""

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from pgarchitect.postgres.connection import connect
from pgarchitect.settings import Settings
from pgarchitect.twin.planner_twin import PlannerTwin
from tests.conformance.comparison import Built, Pair, base_pairs, index_pairs
from tests.conformance.sample import Sample

READER = "twin_reader"
"""Role that the twins are made by."""


def create_reader(url: str) -> None:
    """Create the role on a server, with no more than a person in production would grant."""
    with connect(url, read_only=False) as connection:
        connection.execute(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}') THEN"
            f" CREATE ROLE {READER} LOGIN; GRANT pg_read_all_data, pg_monitor TO {READER}; END IF; END $$"
        )


def as_reader(url: str) -> str:
    """The same URL for the role."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{READER}@{parts.netloc.rpartition('@')[2]}"))


def compare(
    sample: Sample, url: str, settings: Settings, indexes: Sequence[str] | None = None
) -> tuple[list[Pair], list[Built]]:
    """Compare a source that holds ``sample`` with a twin of it, under some of its indexes or all."""
    with PlannerTwin.of(as_reader(url), settings) as twin, connect(url, settings, read_only=False) as source:
        asked = sample.asked(source)
        pairs, built = list(base_pairs(sample.name, asked, source, twin)), []
        for name in sample.indexes if indexes is None else indexes:
            size, more = index_pairs(sample.name, asked, (name, sample.indexes[name]), source, twin)
            built.append(size)
            pairs.extend(more)
    return pairs, built
