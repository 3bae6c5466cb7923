"""Twins of other major versions, and of databases that sort as the twin's server cannot."""

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from pgarchitect.errors import EmbeddedServerFailed
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.server_binaries import find_binaries
from pgarchitect.settings import Settings
from pgarchitect.twin import programs
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.twin.programs import find_programs
from tests.scratch_server import ScratchServer, require_15, scratch_server

TABLES: Final = """
CREATE TABLE account (id int PRIMARY KEY, mail text, tags text[], at timestamptz, span int4range, doc tsvector);
INSERT INTO account SELECT i, 'm' || i, ARRAY['t' || i % 7, 't' || i % 3], now() - i * interval '1 min',
                           int4range(i, i + i % 9 + 1), to_tsvector('simple', 'w' || i % 50)
FROM generate_series(1, 20000) i;
CREATE INDEX account_at ON account (at);
CREATE INDEX account_mail ON account (lower(mail));
CREATE TABLE entry (id bigserial PRIMARY KEY, account_id int REFERENCES account, kind int, sub int);
INSERT INTO entry (account_id, kind, sub) SELECT i % 20000 + 1, i % 10, i % 10 FROM generate_series(1, 60000) i;
CREATE STATISTICS entry_kinds ON kind, sub FROM entry;
CREATE TABLE secret (id int PRIMARY KEY, owner text);
INSERT INTO secret SELECT i, 'o' || i % 4 FROM generate_series(1, 5000) i;
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
CREATE TABLE part (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO part SELECT i, date '2024-01-01' + i % 300 FROM generate_series(1, 9000) i;
"""
STATEMENTS: Final = (
    "SELECT * FROM account WHERE id = 5",
    "SELECT * FROM account WHERE at > '2020-01-01' ORDER BY at DESC LIMIT 5",
    "SELECT * FROM account WHERE tags @> '{t1}'",
    "SELECT * FROM account WHERE span && int4range(5, 90)",
    "SELECT * FROM account WHERE doc @@ 'w7'::tsquery",
    "SELECT * FROM account WHERE lower(mail) = 'm77'",
    "SELECT * FROM entry WHERE kind = 3 AND sub = 3",
    "SELECT count(*) FROM entry e JOIN account a ON a.id = e.account_id WHERE a.id < 500",
    "SELECT * FROM secret WHERE owner = 'o1'",
    "SELECT count(*) FROM part WHERE day > '2024-05-01'",
    "SELECT max(at) FROM account",
)


@pytest.fixture(scope="module")
def fifteen(settings: Settings) -> Iterator[ScratchServer]:
    """A server of PostgreSQL 15 with a few tables."""
    with scratch_server(settings, programs=require_15()) as server:
        run(server.url(), TABLES)
        run(server.url(), "VACUUM ANALYZE")
        run(server.url(), "CREATE ROLE reader LOGIN; GRANT pg_read_all_data TO reader; CREATE ROLE clerk LOGIN")
        run(server.url(), "GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk")
        yield server


def run(url: str, statements: str) -> None:
    with connect(url, read_only=False) as connection:
        connection.execute(statements.encode())


def costs(url: str, statements: tuple[str, ...] = STATEMENTS) -> list[float]:
    found = []
    with connect(url) as connection:
        for statement in statements:
            row = connection.execute(f"EXPLAIN (FORMAT JSON) {statement}".encode()).fetchone()
            assert row is not None
            found.append(float(row[0][0]["Plan"]["Total Cost"]))
    return found


def test_a_source_of_15_gets_a_twin_of_15(fifteen: ScratchServer, settings: Settings) -> None:
    with PlannerTwin.of(fifteen.url(role="reader"), settings) as twin:
        assert twin.version.startswith("15.")
        assert twin.same_major
        assert (twin.missing, twin.left_out, twin.warnings) == ((), (), ())
        assert [twin.explain(statement).cost for statement in STATEMENTS] == costs(fifteen.url())
        found = twin.try_index("CREATE INDEX by_kind ON entry (kind, account_id)")
        with twin.configuration(present=[found.name]):
            assert twin.explain("SELECT * FROM entry WHERE kind = 3 AND account_id = 3").indexes() == ("by_kind",)


def test_without_programs_of_15_the_twin_is_of_18_and_says_so(
    fifteen: ScratchServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "_installed", lambda _: iter(()))
    with PlannerTwin.of(fifteen.url(role="reader"), settings) as twin:
        assert twin.version.startswith("18.")
        assert not twin.same_major
        assert (twin.missing, twin.left_out) == ((), ())
        # The formulas of simple plans are the same in both.
        assert [twin.explain(statement).cost for statement in STATEMENTS[:2]] == costs(fifteen.url())[:2]


def test_a_role_that_may_not_read_the_statistics_themselves_gets_a_twin_of_18(
    fifteen: ScratchServer, settings: Settings
) -> None:
    with PlannerTwin.of(fifteen.url(role="clerk"), settings) as twin:
        assert twin.version.startswith("18.")
        assert not twin.same_major
        assert twin.explain(STATEMENTS[0]).cost == costs(fifteen.url())[0]


def test_programs_are_found_by_setting_and_by_usual_place(settings: Settings, tmp_path: Path) -> None:
    assert find_programs(18, settings) == find_binaries()
    assert find_programs(13, settings.model_copy(update={"twin_programs": str(tmp_path)})) is None
    for name in ("postgres", "initdb"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 13.4 (made up)'\n", encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    given = settings.model_copy(update={"twin_programs": f"/nowhere:{tmp_path}"})
    found = find_programs(13, given)
    assert found is not None
    assert (found.version, found.programs, found.major) == ("13.4", tmp_path / "bin", "13")
    assert find_programs(12, given) is None


def test_programs_that_do_not_work_are_told_of(fifteen: ScratchServer, settings: Settings) -> None:
    folder = settings.data_dir.parent / "broken"
    folder.mkdir()
    try:
        folder.chmod(0o755)
        for name in ("postgres", "initdb"):
            (folder / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.99'; exit 1\n", encoding="utf-8")
            (folder / name).chmod(0o755)
        broken = settings.model_copy(update={"twin_programs": str(folder)})
        with pytest.raises(EmbeddedServerFailed), PlannerTwin.of(fifteen.url(role="reader"), broken):
            pass
    finally:
        shutil.rmtree(folder)


TEXTS: Final = """
CREATE TABLE word (id int PRIMARY KEY, text text, german text COLLATE {collation});
INSERT INTO word SELECT i, md5(i::text), md5(i::text) FROM generate_series(1, 20000) i;
CREATE INDEX word_text ON word (text);
"""


def test_a_source_sorted_by_icu_is_warned_of(fifteen: ScratchServer, settings: Settings) -> None:
    run(fifteen.url(), "CREATE DATABASE icu TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de'")
    run(fifteen.url("icu"), "CREATE COLLATION mine (provider = icu, locale = 'sv')")
    run(fifteen.url("icu"), TEXTS.format(collation='pg_catalog."de-x-icu"'))
    run(fifteen.url("icu"), "CREATE TABLE other (id int PRIMARY KEY, name text COLLATE mine)")
    run(fifteen.url("icu"), "VACUUM ANALYZE")
    like = ("SELECT * FROM word WHERE text LIKE 'ab%'", "SELECT * FROM word WHERE text = 'ab'")
    with PlannerTwin.of(fifteen.url("icu", role="reader"), settings) as twin:
        assert twin.same_major
        assert (twin.warnings, twin.missing, twin.left_out) == ((), (), ())
        assert [twin.explain(each).cost for each in like] == costs(fifteen.url("icu"), like)
    with PlannerTwin.of(fifteen.url("icu", role="clerk"), settings, tables=[]) as twin:  # by a server without ICU
        assert not twin.same_major
        database, *collations = twin.warnings
        assert 'ICU\'s "de"' in database
        assert "ranges of text" in database
        assert ["de-x-icu" in collations[0], "public.mine" in collations[1]] == [True, True]


def test_a_stand_in_never_sorts_like_c(fifteen: ScratchServer, settings: Settings) -> None:
    run(fifteen.url(), "CREATE DATABASE icu_2 TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de'")
    run(fifteen.url("icu_2"), TEXTS.format(collation='pg_catalog."de-x-icu"'))
    run(fifteen.url("icu_2"), "VACUUM ANALYZE")
    run(fifteen.url("icu_2"), "GRANT SELECT ON word TO clerk")
    with PlannerTwin.of(fifteen.url("icu_2", role="clerk"), settings) as twin:
        assert len(twin.warnings) == 2
        assert (twin.missing, twin.left_out) == ((), ())
        assert twin.explain("SELECT * FROM word WHERE text LIKE 'ab%'").indexes() == ()
        assert twin.explain("SELECT * FROM word WHERE text = 'ab'").indexes() == ("word_text",)
