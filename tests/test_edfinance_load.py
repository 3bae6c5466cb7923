"""The sample application's rows: the same at every load, skewed as in real life, all or none of them."""

import hashlib
import math
from collections import Counter

import psycopg
import pytest

from examples.edfinance import behaviour, generate
from examples.edfinance.world import ANCHOR, Sizes, World, stamp
from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database

SMALL = 0.02

ROWS_AT_SMALL_SCALE = "0a02a0d40b3c474f1362f9a1ce31924e"
"""MD5 of all lines at that scale. Changing it means that every measurement with the sample must be made again."""


def checksums(url: str) -> dict[str, tuple[int, str]]:
    """Rows and checksum of each table of the sample."""
    found = {}
    with connect(url) as connection:
        for table in generate.TABLES:
            row = connection.execute(
                f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table.name} t"
            ).fetchone()
            assert row is not None
            found[table.name] = (row[0], row[1])
    return found


def test_every_load_writes_the_same_rows(server: EmbeddedServer, fresh_database: str) -> None:
    other = ensure_database(server, "edfinance_twice", ["pg_stat_statements"])
    for url in (fresh_database, other):
        generate.load(url, SMALL)
    assert checksums(fresh_database) == checksums(other)


def test_the_rows_are_those_that_were_measured() -> None:
    digest, world = hashlib.md5(usedforsecurity=False), World(Sizes.at(SMALL))
    for table in generate.TABLES:
        for line in table.rows(world):
            digest.update(line.encode())
    assert digest.hexdigest() == ROWS_AT_SMALL_SCALE


def test_each_table_has_the_rows_of_its_size(fresh_database: str) -> None:
    told: dict[str, int] = {}
    generate.load(fresh_database, SMALL, progress=told.__setitem__)
    sizes = Sizes.at(SMALL)
    assert {table: rows for table, (rows, _) in checksums(fresh_database).items()} == told
    assert told["users"] == told["wallets"] == sizes.users == 20
    assert told["behavior_logs"] == 4_000
    assert told["post_reactions"] == sizes.reactions


def test_full_scale_has_exactly_two_hundred_thousand_logs_none_after_the_anchor() -> None:
    world = World(Sizes.at(1))
    moments = [line.rstrip("\n").rsplit("\t", 1)[1] for line in behaviour.logs(world)]
    assert len(moments) == 200_000
    assert world.sizes.users == 1_000
    assert max(moments) < stamp(ANCHOR)


def test_the_busiest_users_own_a_good_part_of_the_logs() -> None:
    world = World(Sizes.at(0.2))
    owners = Counter(line.split("\t", 2)[1] for line in behaviour.logs(world))
    busiest = sum(count for _, count in owners.most_common(world.sizes.users // 20))
    assert busiest >= 0.3 * owners.total()


def test_a_second_load_changes_nothing(edfinance: str) -> None:
    scale = generate.loaded_scale(edfinance)
    assert scale is not None
    before = checksums(edfinance)
    generate.load(edfinance, scale)
    assert generate.is_loaded(edfinance)
    assert checksums(edfinance) == before


def test_a_load_at_another_scale_is_refused(edfinance: str) -> None:
    with pytest.raises(UsageError, match=r"already holds the sample at another size"):
        generate.load(edfinance, SMALL)


def test_tables_of_somebody_else_are_left_alone(fresh_database: str) -> None:
    with psycopg.connect(fresh_database) as connection:
        connection.execute("CREATE TABLE comments (mine text)")
    with pytest.raises(UsageError, match=r'already holds a table "comments" of its own'):
        generate.load(fresh_database, SMALL)
    assert not generate.is_loaded(fresh_database)


@pytest.mark.parametrize("scale", [0.0, -1.0, math.nan, math.inf])
def test_a_scale_must_be_positive(fresh_database: str, scale: float) -> None:
    with pytest.raises(UsageError, match="greater than 0"):
        generate.load(fresh_database, scale)


def test_an_interrupted_load_leaves_no_row(fresh_database: str) -> None:
    def interrupt(table: str, _: int) -> None:
        if table == "behavior_logs":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate.load(fresh_database, SMALL, progress=interrupt)
    with connect(fresh_database) as connection:
        for table in generate.TABLES:
            assert connection.execute(f"SELECT FROM {table.name} LIMIT 1").fetchall() == []
    assert not generate.is_loaded(fresh_database)
    generate.load(fresh_database, SMALL)
    assert generate.is_loaded(fresh_database)


def test_new_rows_get_new_numbers(fresh_database: str) -> None:
    generate.load(fresh_database, SMALL)
    with psycopg.connect(fresh_database) as connection:
        row = connection.execute(
            "INSERT INTO users (email, password_hash, name, updated_at) VALUES ('a@b.c', '', '{}', now()) RETURNING id"
        ).fetchone()
    assert row == (21,)
