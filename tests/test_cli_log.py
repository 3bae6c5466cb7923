"""``pgarchitect log``: readable, copyable, and safe to paste into psql."""

import json
from collections.abc import Callable, Iterator
from subprocess import CompletedProcess

import pytest

from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.settings import Settings
from tests.audit_lab import Shop, open_shop, run

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def shop(server: EmbeddedServer, settings: Settings) -> Iterator[Shop]:
    """A shop after two audits: one change waits, others were rejected."""
    with open_shop(server, settings) as found:
        found.play("SELECT note FROM orders WHERE user_id = %s AND total = 5\nORDER BY id")
        found.audit()
        yield found


@pytest.fixture
def log(shop: Shop, cli: Run) -> Run:
    """Run ``pgarchitect log`` at 80 columns on the shop's home."""

    def ask(*arguments: str) -> CompletedProcess[str]:
        return cli("log", *arguments, env={**shop.environment, "COLUMNS": "80"})

    return ask


def test_what_waits_is_printed_to_be_run_and_nothing_else_is(log: Run, shop: Shop) -> None:
    found = log("--rejected")
    assert (found.returncode, found.stderr) == (0, "")
    lines = found.stdout.splitlines()
    waiting = {entry.recommendation for entry in shop.log() if entry.verdict is not Verdict.REJECTED}
    rejected = {entry.recommendation for entry in shop.log() if entry.verdict is Verdict.REJECTED}
    assert waiting
    assert rejected
    assert {line for line in lines if line and not line.startswith("--")} == waiting
    assert {f"-- {sql}" for sql in rejected} <= set(lines)
    assert all(len(line) <= 80 for line in lines if line.startswith(("-- for", "-- and")))

    run(shop.target, *waiting)
    shop.audit()
    lines = log().stdout.splitlines()
    assert [line for line in lines if line and not line.startswith("--")] == []
    assert sum(line.startswith("-- In force since ") for line in lines) == len(waiting)


def test_one_entry_with_everything_known_of_it(log: Run, shop: Shop) -> None:
    entry = shop.log()[0]
    shown = log(str(entry.id)).stdout
    for part in (entry.intent, entry.reason, entry.rollback, "-- Evidence: execution", "confidence"):
        assert part in shown
    document = json.loads(log(str(entry.id), "--format", "json").stdout)
    assert (document["id"], document["statement"]) == (entry.id, entry.statement)
    assert document["evidence"]["method"] == "execution"
    for arguments, words in ((["999999"], "no entry 999999"), (["1", "--rejected"], "leave --verdict and --rejected")):
        found = log(*arguments)
        assert (found.returncode, found.stdout) == (2, "")
        assert words in found.stderr


def test_json_and_filters(log: Run, shop: Shop) -> None:
    everything = json.loads(log("--rejected", "--format", "json").stdout)
    assert [each["id"] for each in everything] == [entry.id for entry in shop.log()]
    assert {"recommendation", "rollback", "verdict", "applied_at", "statement"} <= set(everything[0])
    rejected = json.loads(log("--verdict", "rejected", "--limit", "1", "--format", "json").stdout)
    assert [each["verdict"] for each in rejected] == ["rejected"]


def test_an_empty_log(log: Run, cli: Run, server: EmbeddedServer) -> None:
    run(server.url(), "CREATE DATABASE empty_home")
    env = {"PGARCHITECT_HOME_URL": server.url("empty_home")}
    assert cli("log", env=env).stdout == "The log holds no such entry yet; `pgarchitect audit` fills it.\n"
    assert json.loads(cli("log", "--format", "json", env=env).stdout) == []
    unusable = cli("log", env={"PGARCHITECT_HOME_URL": server.url("no_home")})
    assert unusable.returncode == 8
    assert "PGARCHITECT_HOME_URL) cannot be used: There is no database" in unusable.stderr
