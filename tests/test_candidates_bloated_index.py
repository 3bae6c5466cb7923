"""Bloated indexes: by what a fresh one would take, not by a guess."""

import pytest

from pgarchitect.recommendations.cleanup_advice import Action
from pgarchitect.settings import Settings
from tests.cleanup_lab import advice_on, filled, report_on

ROWS = 700_000


def test_an_emptied_index_is_rebuilt_and_a_sparse_one_is_not(fresh_database: str, settings: Settings) -> None:
    statements = (
        "CREATE TABLE t (id int PRIMARY KEY, sparse int, part int)",
        f"INSERT INTO t SELECT i, i, i FROM generate_series(1, {ROWS}) i",
        "CREATE INDEX t_part ON t (part) WHERE part > 0",
        f"DELETE FROM t WHERE id > {ROWS // 20}",
        "VACUUM t",
        "CREATE TABLE full_of_air (id int) ",
        f"INSERT INTO full_of_air SELECT i FROM generate_series(1, {ROWS}) i",
        "CREATE INDEX air ON full_of_air (id) WITH (fillfactor = 30)",
    )
    with filled(fresh_database, *statements) as source:
        report = report_on(fresh_database, settings, "SELECT * FROM t WHERE id = 5")
        advice = advice_on(report, "t_pkey")
        assert advice.action is Action.REINDEX
        assert advice.cleanup.candidate.sql == "REINDEX INDEX CONCURRENTLY public.t_pkey;"
        assert advice.cleanup.candidate.rollback_sql.startswith("-- Nothing to undo")
        assert not [each for each in report.advice if each.cleanup.candidate.kind == "bloated_index" and each != advice]
        source.execute(advice.cleanup.candidate.sql.encode())
        row = source.execute("SELECT pg_relation_size('t_pkey')").fetchone()
        assert row is not None
        fresh = advice.cleanup.size_bytes - advice.cleanup.saved_bytes
        assert row[0] == pytest.approx(fresh, rel=0.02)


def test_rows_that_came_since_the_last_analyze_are_no_bloat(fresh_database: str, settings: Settings) -> None:
    with filled(fresh_database, "CREATE TABLE t (id int PRIMARY KEY) WITH (autovacuum_enabled = off)") as source:
        source.execute("INSERT INTO t SELECT generate_series(1, 20000)")
        source.execute("ANALYZE t")
        source.execute(f"INSERT INTO t SELECT generate_series(20001, {ROWS})".encode())
        source.execute("SELECT pg_stat_force_next_flush()")
        report = report_on(fresh_database, settings, "SELECT * FROM t WHERE id = 5")
        assert report.advice == ()
