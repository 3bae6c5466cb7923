"""What a twin does not know for want of statistics is told in a sentence each."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.settings import Settings
from pgarchitect.twin.planner_twin import PlannerTwin

TABLES: Final = """
CREATE DOMAIN even AS int;
CREATE TABLE secret (id int, owner text, number even);
INSERT INTO secret SELECT i, 'o' || i % 4, i FROM generate_series(1, 1000) i;
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
CREATE TABLE open (id int);
INSERT INTO open SELECT generate_series(1, 1000);
CREATE STATISTICS secret_owners ON owner, number FROM secret;
ANALYZE;
"""


@pytest.fixture
def source(fresh_database: str) -> Iterator[str]:
    """URL of a database with a table that row security hides from the role ``warned_clerk``."""
    with connect(fresh_database, read_only=False) as connection:
        connection.execute(TABLES.encode())
        connection.execute("CREATE ROLE warned_clerk LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO warned_clerk")
    yield fresh_database
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("DROP OWNED BY warned_clerk")
        connection.execute("DROP ROLE warned_clerk")


def test_statistics_that_row_security_hides(source: str, settings: Settings) -> None:
    parts = urlsplit(source)
    clerk = urlunsplit(parts._replace(netloc=f"warned_clerk@{parts.netloc.rpartition('@')[2]}"))
    with PlannerTwin.of(clerk, settings) as twin:
        (warning,) = twin.warnings
        assert warning == (
            'The statistics of "public"."secret" are hidden from the role "warned_clerk" by row security, and the twin'
            ' guesses there; run GRANT pg_read_all_data TO "warned_clerk".'
        )
    with PlannerTwin.of(clerk, settings, tables=["open"]) as twin:
        assert twin.warnings == ()
    with connect(source, read_only=False) as connection:
        connection.execute("GRANT pg_read_all_data TO warned_clerk")
    with PlannerTwin.of(clerk, settings) as twin:
        assert twin.warnings == ()


def test_statistics_that_the_twin_refuses(source: str, settings: Settings) -> None:
    with connect(source, read_only=False) as connection:
        connection.execute("ALTER DOMAIN even ADD CHECK (value % 2 = 0) NOT VALID")
    with PlannerTwin.of(source, settings) as twin:
        (warning,) = twin.warnings
        assert warning.startswith("The twin's server does not take the statistics of public.secret.number, and guesses")
        assert twin.explain("SELECT * FROM secret WHERE owner = 'o1'").tree["Plan Rows"] == 250
    with PlannerTwin.of(source, settings, tables=["open"]) as twin:
        assert twin.warnings == ()
