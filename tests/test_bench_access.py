"""The benchmark of the data layer: what it measures, whom it throws out, what it writes, and one small race."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from benchmarks.access import page
from benchmarks.access.__main__ import Ground, race, write
from benchmarks.access.cases import CASES, CONCURRENT, INSERT_10K, POINT, READ
from benchmarks.access.chart import chart
from benchmarks.access.contenders import ASYNCPG, ENTRIES, OURS_ASYNCIO, OURS_THREADS, PGBENCH, Entry, Family
from benchmarks.access.peers.contender import Server
from benchmarks.access.race import Length, Race
from benchmarks.access.results import Results
from benchmarks.access.rows import Sizes, checksum, log_line, new_rows, uuid_of
from benchmarks.access.tables import Tables
from benchmarks.access.targets import targets, verdicts
from benchmarks.advisor.page import PAGE
from pgarchitect.postgres.server_binaries import find_binaries

SMALL = Sizes(users=2, logs=1_000)
BRIEF = Length(rounds=1, seconds=0.2, warm_ups=0)


def results(**figures: list[float]) -> Results:
    """Rounds of the case ``point`` by contender."""
    made = Results()
    for name, values in figures.items():
        for number, value in enumerate(values):
            made.add(POINT.name, name.replace("_", " "), number, value)
    return made


def test_a_ratio_is_taken_within_rounds() -> None:
    made = results(one=[1.0, 10.0, 3.0], other=[2.0, 20.0, 6.0, 100.0])
    assert made.ratio(POINT.name, "one", "other") == pytest.approx(0.5)
    assert made.ratio(POINT.name, "one", "nobody") is None
    figure = made.figure(POINT.name, "one")
    assert figure is not None
    assert (figure.low, figure.middle, figure.high) == pytest.approx((2.0, 3.0, 6.5))


def test_a_promise_is_judged_against_the_best_rival() -> None:
    made = Results()
    for name, value in {OURS_ASYNCIO: 0.12, ASYNCPG: 0.1, "Drizzle 0.45": 0.5, "Drizzle 1.0-rc, prepared": 0.2}.items():
        made.add(POINT.name, name, 0, value)
    for name, value in {OURS_ASYNCIO: 800.0, ASYNCPG: 1_000.0}.items():
        made.add(CONCURRENT.name, name, 0, value)
    found = {(each.target.case, each.target.against): each for each in verdicts(made)}
    assert found[POINT, "its driver"].holds
    drizzle = found[POINT, "Drizzle's best"]
    assert (drizzle.rival, drizzle.holds) == ("Drizzle 1.0-rc, prepared", False)
    assert (drizzle.ratio, drizzle.driver) == pytest.approx((0.6, 0.5))
    assert not found[CONCURRENT, "its driver"].holds
    said = page.part(made, "Here")
    assert "| point read | asyncio | its driver (asyncpg) | 1.20 |  |  | ≤ 1.25 | yes |" in said
    assert "| 20 clients | asyncio | its driver (asyncpg) | 0.80 |  |  | ≥ 0.85 | **no** |" in said
    assert f"| **{OURS_ASYNCIO}** |  | 0.120 (0.120 to 0.120) |" in said
    assert "2 of 4 promises hold" not in said
    assert "1 of 3 promises hold" in said


def test_every_promise_names_contenders_that_exist() -> None:
    names = {each.name for each in ENTRIES}
    for each in targets():
        assert {each.ours, *each.rivals} <= names
        assert all(each.case.name in entry.cases for entry in ENTRIES if entry.name in {each.ours, *each.rivals})


def test_the_chart_has_a_bar_for_each_figure() -> None:
    made = results(asyncpg=[2.0], Django=[8.0])
    drawn = ET.fromstring(chart(made))  # noqa: S314  # our own
    name = "{http://www.w3.org/2000/svg}"
    bars = [each for each in drawn.iter(f"{name}rect") if each.find(f"{name}title") is not None]
    assert [each.findtext(f"{name}title") for each in bars] == ["asyncpg: 2.00", "Django: 8.00"]
    assert float(bars[1].attrib["width"]) == pytest.approx(4 * float(bars[0].attrib["width"]), rel=0.01)


def test_the_page_has_a_place_for_the_figures(tmp_path: Path) -> None:
    copy, choosing = (tmp_path / name for name in (PAGE.name, "choosing-a-data-layer.md"))
    for each in (copy, choosing):
        each.write_text((PAGE.parent / each.name).read_text(encoding="utf-8"), encoding="utf-8")
    write(copy, "figures", "ratios", "<svg/>")
    assert "\nfigures\n" in copy.read_text(encoding="utf-8")
    assert "\nratios\n" in choosing.read_text(encoding="utf-8")
    assert (copy.parent / page.IMAGE).read_text(encoding="utf-8") == "<svg/>"


def test_a_url_of_a_socket_is_taken_apart() -> None:
    assert Server.of("postgresql://me@/bench?host=%2Frun%2Fx") == Server(
        "postgresql://me@/bench?host=%2Frun%2Fx", "/run/x", 5432, "me", "bench"
    )
    assert Server.of("postgresql://me@db:5544/bench").port == 5544


@pytest.fixture
def tables(fresh_database: str) -> Iterator[Tables]:
    with closing(Tables(fresh_database, SMALL)) as made:
        made.fill()
        yield made


class Told:
    """A contender that answers what it was given, and writes nothing."""

    def __init__(self, answers: dict[str, dict[str, Any]]) -> None:
        self.answers = answers

    def ask(self, **command: object) -> dict[str, Any]:
        return self.answers[str(command["case"])] if command["do"] == "check" else {"seconds": [1.0]}


def test_who_reads_or_writes_something_else_is_thrown_out(tables: Tables) -> None:
    right = {case.name: tables.expected(case.name) for case in CASES if not case.rows}
    assert right["read"]["count"] == 1_000
    assert right["join"]["count"] == 100
    wrong = right | {"read": {**right["read"], "checksum": "0"}}
    reads = (READ.name, POINT.name)
    liar, honest, idle = (
        Entry(name, Family.ORM, "", cases=cases)
        for name, cases in (("liar", reads), ("honest", reads), ("idle", (INSERT_10K.name,)))
    )
    running = {liar: Told(wrong), honest: Told(right), idle: Told({INSERT_10K.name: {}})}
    found = Race(tables, running, BRIEF, lambda _: None).run()
    assert list(found.failed) == ["liar", "idle"]
    assert "the table does not hold" in found.failed["idle"]
    assert list(found.rounds[READ.name]) == ["honest"]


def test_a_row_is_the_same_in_python_and_in_sql(tables: Tables) -> None:
    row = new_rows(SMALL, 8)[7]
    assert row["id"] == uuid_of("new", 7)
    expected = tables._rows("SELECT * FROM expected WHERE session_id = 'session-7'")[0]
    assert log_line(list(row.values())) == log_line(expected)
    assert checksum(["a", "b"]) != checksum(["ab"])


def test_a_small_race_of_the_client_a_driver_and_a_client_in_c(fresh_database: str) -> None:
    names = {OURS_ASYNCIO, OURS_THREADS, ASYNCPG, PGBENCH}
    entries = [each for each in ENTRIES if each.name in names]
    psql = find_binaries().programs / "psql"
    found, version = race(Ground(fresh_database, psql, SMALL), entries, BRIEF, lambda _: None)
    assert found.failed == {}
    assert version[0].isdigit()
    for case in CASES:
        assert set(found.rounds[case.name]) == {each.name for each in entries if case.name in each.cases}
        assert all(value > 0 for made in found.rounds[case.name].values() for value in made.values())
    assert all(each.ratio > 0 for each in verdicts(found))
