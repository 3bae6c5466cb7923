"""A whole copy has everything that the source has, and the source knows nothing of it."""

from collections.abc import Iterator

import pytest

from pgarchitect.sandbox.made import Made
from pgarchitect.settings import Settings
from tests.sandbox_lab import EVERYTHING, checksums, reader, rows, run, sandbox, shape
from tests.scratch_server import ScratchServer, scratch_server

QUIET = ("wal_level = minimal", "max_wal_senders = 0", "autovacuum = off", "checkpoint_timeout = '1h'")


@pytest.fixture(scope="module")
def source(settings: Settings) -> Iterator[ScratchServer]:
    """A server with one database that has everything."""
    with scratch_server(settings, *QUIET) as server:
        run(server.url(), "CREATE ROLE clerk", "CREATE DATABASE everything")
        run(server.url("everything"), EVERYTHING)
        run(
            server.url(),
            "ALTER DATABASE everything SET random_page_cost = 1.7",
            "ALTER DATABASE everything SET work_mem = '7MB'",
        )
        reader(server, "ALTER ROLE reader BYPASSRLS")
        # Twice: what ANALYZE wrote would else be written again by whoever reads it first, as a hint.
        run(server.url("everything"), "VACUUM (FREEZE, ANALYZE)", "VACUUM (FREEZE)", "CHECKPOINT")
        yield server


@pytest.fixture(scope="module")
def before(source: ScratchServer) -> tuple[object, ...]:
    """What the source had written before anything was copied."""
    return written(source)


@pytest.fixture(scope="module")
def copy(source: ScratchServer, before: tuple[object, ...], settings: Settings) -> Iterator[tuple[Made, str]]:
    """A whole copy of it, while its server runs."""
    assert before
    with sandbox(source.url("everything", role="reader"), settings, "everything") as found:
        yield found


def written(server: ScratchServer) -> tuple[object, ...]:
    return rows(server.url("everything"), "SELECT pg_current_wal_lsn(), pg_snapshot_xmax(pg_current_snapshot())")[0]


def test_the_source_has_written_nothing(
    source: ScratchServer, before: tuple[object, ...], copy: tuple[Made, str]
) -> None:
    assert copy
    assert written(source) == before


def test_every_row_is_there(source: ScratchServer, copy: tuple[Made, str]) -> None:
    made, url = copy
    assert made.left_out == ()
    assert made.missing == ()
    theirs = checksums(source.url("everything"))
    assert checksums(url) == theirs
    assert len(theirs) > 15
    assert made.about.share == 1
    told = {each.name: (each.rows, each.of, each.whole) for each in made.tables}
    assert told['"public"."event"'] == (3000, 3000, True)
    assert told['"Mixed Case"."Customer Of"'] == (501, 501, True)
    assert sum(number for number, _, _ in told.values()) == made.about.rows


def test_everything_but_rows_is_there(source: ScratchServer, copy: tuple[Made, str]) -> None:
    theirs, ours = shape(source.url("everything")), shape(copy[1])
    assert theirs.keys() == ours.keys()
    for name, expected in theirs.items():
        assert expected, name
        assert ours[name] == expected, name


def test_the_planner_knows_what_it_knows_there(source: ScratchServer, copy: tuple[Made, str]) -> None:
    """Statistics of all rows of a small table are the same, and so are the settings that plans depend on."""
    query = (
        "SELECT tablename, attname, null_frac, n_distinct, histogram_bounds::text, most_common_vals::text FROM pg_stats"
    )
    where = "WHERE schemaname IN ('public', 'Mixed Case', 'other') ORDER BY 1, 2, inherited"
    theirs = rows(source.url("everything"), f"{query} {where}")
    assert rows(copy[1], f"{query} {where}") == theirs
    assert len(theirs) > 30
    more = "SELECT n_distinct::text, dependencies::text, most_common_vals::text FROM pg_stats_ext"
    assert rows(copy[1], more) == rows(source.url("everything"), more) != []
    for name, value in (("random_page_cost", "1.7"), ("work_mem", "7MB"), ("autovacuum", "off")):
        assert rows(copy[1], f"SHOW {name}") == [(value,)]


def test_pages_are_vacuumed(copy: tuple[Made, str]) -> None:
    pages = "SELECT relname FROM pg_class WHERE relkind = 'r' AND oid >= 16384 AND relallvisible < relpages"
    assert rows(copy[1], pages) == []


def test_a_sequence_goes_on_where_the_source_is(copy: tuple[Made, str]) -> None:
    numbers = "SELECT nextval('other.lonely'), nextval('untouched'), nextval('\"Order_id_seq\"')"
    assert rows(copy[1], numbers) == [(21, 42, 5001)]


def test_its_owner_is_no_superuser_and_sees_every_row(copy: tuple[Made, str]) -> None:
    made, url = copy
    assert rows(url, "SELECT current_user, usesuper FROM pg_user WHERE usename = current_user") == [
        ("pgarchitect", False)
    ]
    assert rows(url, "SELECT count(*) FROM secret") == [(100,)]
    assert rows(url, "SELECT evtname FROM pg_event_trigger") == []
    assert made.warnings == ("Event triggers are left out of a sandbox: no_ddl.",)
