"""``pgarchitect cleanup`` as a user runs it."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.recommendations.cleanup_advice import Action
from pgarchitect.settings import Settings
from tests.cleanup_lab import ORDERS, advice_on, begin_anew, filled, flush, report_on, situation
from tests.scratch_server import scratch_server, standby_of

Cli = Callable[..., subprocess.CompletedProcess[str]]

INDEXES = (
    "CREATE INDEX orders_customer ON orders (customer)",
    "CREATE INDEX orders_customer_status ON orders (customer, status)",
    "CREATE INDEX orders_status ON orders (status)",
    "CREATE INDEX orders_id ON orders (id)",
)


@pytest.fixture
def workload(tmp_path: Path) -> str:
    """A file of two statements."""
    file = tmp_path / "q.sql"
    file.write_text("SELECT count(*) FROM orders WHERE customer = $1; SELECT nonsense;", encoding="utf-8")
    return str(file)


def use_both(database: str) -> None:
    with connect(database, read_only=False) as source:
        source.execute("SET enable_seqscan = off")
        for name in ("orders_customer", "orders_customer_status"):
            source.execute(f"BEGIN; DROP INDEX {name}; SELECT FROM orders WHERE customer = 5; ROLLBACK".encode())
        flush(source)


def test_json_tells_everything(cli: Cli, fresh_database: str, workload: str) -> None:
    with filled(fresh_database, *ORDERS, *INDEXES):
        use_both(fresh_database)
        done = cli("cleanup", fresh_database, "--workload", workload, "--min-days", "0", "--format", "json")
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        indexes = {each["index"]: each for each in report["indexes"]}
        assert {name: (each["kind"], each["action"]) for name, each in indexes.items()} == {
            "public.orders_status": ("unused_index", "drop"),
            "public.orders_id": ("duplicate_index", "drop"),
            "public.orders_customer": ("redundant_index", "drop"),
        }
        assert indexes["public.orders_customer"]["takes_over"] == "public.orders_customer_status"
        assert indexes["public.orders_customer"]["statements_planned"] == 1
        assert indexes["public.orders_customer"]["scans"] > 0
        assert indexes["public.orders_customer"]["last_scan"] is not None
        assert indexes["public.orders_status"]["saved_entries"] == 5000
        assert indexes["public.orders_status"]["rollback_sql"].startswith("CREATE INDEX CONCURRENTLY orders_status ON")
        assert {each["index"] for each in report["left_alone"]} == {"public.orders_pkey"}
        assert report["statements_planned"] == 1
        page = (Path(__file__).parent.parent / "docs" / "cleanup.md").read_text(encoding="utf-8")
        tables = page.partition("## As JSON")[2].partition("## Limits")[0].split("| field of `indexes`")
        for table, fields in zip(tables, (report, report["indexes"][0]), strict=True):
            listed = "".join(row.split("|")[1] for row in table.splitlines() if row.startswith("| `"))
            assert set(re.findall(r"`(\w+)`", listed)) == set(fields) - {"schema_version"}
        assert any("1 of 2 statements could not be planned" in each for each in report["warnings"])


def test_terminal_has_sql_to_copy(cli: Cli, fresh_database: str, workload: str) -> None:
    with filled(fresh_database, *ORDERS, *INDEXES):
        use_both(fresh_database)
        done = cli("cleanup", fresh_database, "--workload", workload, "--min-days", "0", env={"COLUMNS": "80"})
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert "DROP INDEX CONCURRENTLY public.orders_status;" in lines
        assert "-- undo: CREATE INDEX CONCURRENTLY orders_status ON public.orders USING btree (status);" in lines
        assert max(len(each) for each in lines if not each.startswith(("--", "DROP"))) <= 80


def test_the_schema_that_declares_an_index_is_told(
    cli: Cli, fresh_database: str, workload: str, tmp_path: Path
) -> None:
    schema = tmp_path / "schema.prisma"
    model = 'model Order {\n  id Int @id\n  status String\n\n  @@index([status])\n  @@map("orders")\n}\n'
    schema.write_text(f'datasource db {{\n  provider = "postgresql"\n}}\n\n{model}', encoding="utf-8")
    indexes = (*INDEXES[:2], "CREATE INDEX orders_status_idx ON orders (status)", INDEXES[3])
    with filled(fresh_database, *ORDERS, *indexes):
        use_both(fresh_database)
        options = ("--workload", workload, "--min-days", "0", "--schema", str(schema))
        done = cli("cleanup", fresh_database, *options, "--format", "json")
        assert done.returncode == 0, done.stderr
        told = {each["index"]: each["in_schema"] for each in json.loads(done.stdout)["indexes"]}
        assert told["public.orders_status_idx"]["model"] == "Order"
        assert told["public.orders_status_idx"]["line"] == "@@index([status])"
        assert told["public.orders_id"]["line"] is None
        shown = cli("cleanup", fresh_database, *options, env={"COLUMNS": "300"})
        assert f"In {schema}: model Order: remove @@index([status])." in shown.stdout
        assert f"In {schema}: no line of it in schema.prisma: a migration drops it as SQL." in shown.stdout
        assert "pgarchitect schema index 'DROP INDEX …'" in shown.stdout


def test_young_counters_are_told_and_a_second_run_finds_the_same(cli: Cli, fresh_database: str, workload: str) -> None:
    with filled(fresh_database, *ORDERS, *INDEXES, "CREATE INDEX orders_placed ON orders (placed)"):
        use_both(fresh_database)
        done = cli("cleanup", fresh_database, "--workload", workload, "--format", "json")
        report = json.loads(done.stdout)
        assert "public.orders_placed" not in {each["index"] for each in report["indexes"]}
        assert any("nothing is called unused before 7 days" in each for each in report["warnings"])
        # What the twin reads to be made must not count as a scan of an index that nobody scanned.
        again = cli("cleanup", fresh_database, "--workload", workload, "--min-days", "0", "--format", "json")
        assert "public.orders_placed" in {each["index"] for each in json.loads(again.stdout)["indexes"]}


def test_without_pg_stat_statements_the_catalog_still_speaks(cli: Cli, fresh_database: str) -> None:
    with filled(fresh_database, *ORDERS, *INDEXES, "DROP EXTENSION pg_stat_statements"):
        done = cli("cleanup", fresh_database, "--min-days", "0", "--format", "json")
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        assert {each["index"] for each in report["indexes"]} >= {"public.orders_status", "public.orders_id"}
        assert any(each.startswith("No statements are known: ") for each in report["warnings"])


def test_bad_input_is_one_sentence(cli: Cli, fresh_database: str, tmp_path: Path) -> None:
    for arguments, said in (
        (("--workload", str(tmp_path / "none.sql")), "cannot be read"),
        (("--replica", fresh_database), "is no physical standby of the database (it takes writes itself)"),
    ):
        done = cli("cleanup", fresh_database, *arguments)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_a_scan_on_a_standby_counts(cli: Cli, settings: Settings, workload: str) -> None:
    with (
        scratch_server(settings) as primary,
        filled(primary.url(), *ORDERS, *INDEXES) as source,
        standby_of(primary, settings) as standby,
    ):
        begin_anew(source)
        with connect(standby.url()) as reader:
            reader.execute("SET enable_seqscan = off")
            reader.execute("SELECT FROM orders WHERE status = 'x'")
            flush(reader)
        options = ("--workload", workload, "--min-days", "0", "--format", "json")
        alone = json.loads(cli("cleanup", primary.url(), *options).stdout)
        indexes = {each["index"]: each for each in alone["indexes"]}
        assert indexes["public.orders_status"]["action"] == "look"
        assert "1 standby of this server may scan it" in indexes["public.orders_status"]["concerns"][0]
        asked = cli("cleanup", primary.url(), "--replica", standby.url(), *options)
        both = json.loads(asked.stdout)
        assert "public.orders_status" not in {each["index"] for each in both["indexes"]}
        assert len(both["standbys"]) == 1
        refused = cli("cleanup", standby.url(), *options)
        assert refused.returncode == 2
        assert "is a standby, which counts no writes" in refused.stderr


def test_counters_that_a_crash_emptied_are_young(settings: Settings) -> None:
    with scratch_server(settings) as server:
        with filled(server.url(), *ORDERS, *INDEXES):
            before = situation(server.url()).use
        server.stop()  # at once, as in a crash
        server.start()
        after = situation(server.url()).use
        assert after.primary.since is not None
        assert before.primary.since is not None
        assert after.primary.since > before.primary.now
        assert sum(each.count for each in after.primary.scans.values()) == 0


def test_two_that_can_go_alone_but_not_together(fresh_database: str, settings: Settings) -> None:
    either = ("CREATE INDEX by_number ON orders (customer)", "CREATE INDEX by_hash ON orders USING hash (customer)")
    with filled(fresh_database, *ORDERS, *either):
        report = report_on(fresh_database, settings, "SELECT * FROM orders WHERE customer = 7")
        actions = {each.cleanup.index.name: each.action for each in report.advice}
        assert sorted(actions.values()) == [Action.DROP, Action.LOOK]
        missed = next(each for each in report.advice if each.action is Action.LOOK)
        assert "Once the others are dropped, too" in advice_on(report, missed.cleanup.index.name).cleanup.concerns[0]
        assert missed.suffering
