"""A migration in a twin: its definitions are run, and the twin looks afterwards as production will after ANALYZE.

While the script runs all tables look empty: nothing is read, and a rewrite takes no disk. Afterwards each file gets its
length back, or that of the rewritten table; new and rebuilt indexes get the size of freshly built ones.
"""

import os
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.postgres.server_home import writing
from pgarchitect.settings import Settings
from pgarchitect.twin import end_points
from pgarchitect.twin.carried_ends import carried_ends
from pgarchitect.twin.carried_statistics import Script, carry, mentions
from pgarchitect.twin.catalog_state import HEAPS, CatalogState, Relation, read_state
from pgarchitect.twin.end_points import Ends
from pgarchitect.twin.expression_statistics import imagine_expressions
from pgarchitect.twin.facts import Facts
from pgarchitect.twin.files import IndexFile, resize, set_btree_keys, set_unborn_rows, shape
from pgarchitect.twin.index_sizes import sized
from pgarchitect.twin.lengths_after import rewritten_pages
from pgarchitect.twin.migrated import Migrated, new_indexes, told_of
from pgarchitect.twin.private_server import PrivateServer
from pgarchitect.twin.replay import replay
from pgarchitect.twin.sample_subject import subjects_of
from pgarchitect.twin.sampling import Sampler
from pgarchitect.twin.script import Kind, statements_in
from pgarchitect.twin.source import EndPoints

_ROWS: Final = frozenset({Kind.DATA, Kind.FILLING})
_CLUSTER: Final = re.compile(r"CLUSTER\b", re.IGNORECASE)
_LEAPS_SINCE: Final = 160_000


@dataclass(frozen=True, slots=True)
class Twin:
    """What a migration needs of a twin.

    Attributes:
        server: it is stopped and started twice.
        database: name of the twin's.
        ends: what its trees begin and end with.
        told: the same as the source told it.
        lacking: names of tables that the twin lacks.
        sampler: looks at rows of the source where its statistics do not tell enough.
    """

    server: PrivateServer
    database: str
    ends: Mapping[end_points.Column, Ends]
    told: Sequence[EndPoints]
    lacking: Sequence[str]
    sampler: Sampler


def migrate(twin: Twin, script: str, settings: Settings) -> Migrated:
    """Run a migration in a twin; nobody may be connected to it meanwhile.

    Raises:
        MigrationRefused: it fails; the twin is of no further use.
        HomeUnavailable: the disk is full.
    """
    return _Migration(twin, settings).run(script)


class _Migration:
    def __init__(self, twin: Twin, settings: Settings) -> None:
        self._twin = twin
        self._server = twin.server
        self._url = twin.server.url(twin.database)
        self._settings = settings

    def run(self, script: str) -> Migrated:
        statements = statements_in(script)
        before = self._empty()
        with connect(self._url, self._settings, read_only=False) as connection:
            done = replay(connection, statements, self._twin.lacking)
            after = read_state(connection, statistics=False)
            said = Script(done.using, [each.text for each in statements if each.kind is Kind.DATA])
            told = carry(connection, before, after, said)
            ends = carried_ends(
                connection, (before, after), self._twin.ends, self._twin.told, using=done.using, data=self._server.data
            )
            unknown = _unknown(before, after, [each.text for each in statements if each.kind in _ROWS])
            fresh = _fresh_indexes(before, after)
            _execute(connection, "set_valid", (False, [index.oid for index in fresh]))
            clusters = [each.text for each in statements if _CLUSTER.match(each.text)]
            lengths = self._lengths(connection, before, after, clusters)
            _set_counts(connection, before, after, lengths, unknown=unknown, vacuums=done.vacuums)
        with writing(self._server.data):
            for relation, path in self._heaps(after):
                resize(path, lengths[relation.oid], self._server.account.own)
        files, parents = self._finish((before, after), fresh, ends)
        told.obstacles.extend(self._duplicates(before, fresh))
        told.warnings[:0] = done.warnings
        indexes = new_indexes(before, after, files, parents)
        return told_of(before, after, lengths, unknown=unknown, done=done, told=told, indexes=indexes)

    def _heaps(self, state: CatalogState) -> Iterator[tuple[Relation, Path]]:
        for relation in state.relations.values():
            if relation.kind in HEAPS and relation.file is not None:
                yield relation, self._server.data / relation.file

    def _empty(self) -> CatalogState:
        """Let every table look empty, and no tree name a row of it; the catalog and what it knows are returned.

        A table's first segment ends at once, and what follows is not looked for.
        """
        with connect(self._url, self._settings, read_only=False) as connection:
            state = read_state(connection, statistics=True)
            trees = end_points.trees(connection)
            connection.execute("CHECKPOINT")
        self._server.stop()
        with writing(self._server.data):
            for relation in state.relations.values():
                if relation.file is not None and (relation.schema, relation.name) in trees:
                    set_btree_keys(self._server.data / relation.file, ())
            for _, path in self._heaps(state):
                os.truncate(path, 0)
        self._server.start()
        return state

    def _lengths(
        self, connection: Connection, before: CatalogState, after: CatalogState, clusters: Sequence[str]
    ) -> dict[int, int]:
        """Pages that each table shall have."""
        leaps = connection.info.server_version >= _LEAPS_SINCE
        known = None
        found: dict[int, int] = {}
        for relation in after.relations.values():
            if relation.kind not in HEAPS:
                continue
            old = before.relations.get(relation.oid)
            if old is None:
                found[relation.oid] = relation.length
            elif old.file == relation.file:
                found[relation.oid] = old.length
            else:
                known = known or read_state(connection, statistics=True)
                widths = {place[1]: each for place, each in known.statistics.items() if place[0] == relation.oid}
                in_leaps = leaps and not any(mentions(text, relation.name) for text in clusters)
                found[relation.oid] = rewritten_pages(before, after, old, widths, in_leaps=in_leaps)
        return found

    def _finish(
        self,
        states: tuple[CatalogState, CatalogState],
        fresh: Sequence[Relation],
        ends: Mapping[end_points.Column, Ends],
    ) -> tuple[dict[int, IndexFile], dict[int, int]]:
        """Give new indexes statistics, sizes and files of those sizes, and trees their ends; let the planner see them.

        Returns:
            Files of new indexes by oid, and indexes of partitions with the one that they belong to.
        """
        files: dict[int, IndexFile] = {}
        blind = Sampler("", self._settings, {})
        with connect(self._url, self._settings, read_only=False) as connection:
            for index in fresh:
                sampler = self._twin.sampler if _is_as_it_was(index, *states) else blind
                (subject,) = subjects_of(connection, [index.oid])
                facts = Facts(connection)
                imagine_expressions(facts, subject, sampler)
                found = sized(facts, subject, sampler)
                files[index.oid] = found.file
                counts = {"pages": found.file.pages, "rows": found.rows, "visible": 0, "relation": index.oid}
                connection.execute(named("pgarchitect.twin", "twin.sql", "set_planned").encode(), counts)
            parents = {row[0]: row[1] for row in connection.execute(_sql("index_parents").encode()).fetchall()}
            keys = {where: tree.keys(ends) for where, tree in end_points.trees(connection).items()}
            connection.execute("CHECKPOINT")
        self._server.stop()
        with writing(self._server.data):
            self._write_files(states[1], files, keys, {column[:2] for column in ends})
        self._server.start()
        with connect(self._url, self._settings, read_only=False) as connection:
            _execute(connection, "set_valid", (True, [index.oid for index in fresh if index.valid]))
        return files, parents

    def _write_files(
        self,
        after: CatalogState,
        files: Mapping[int, IndexFile],
        keys: Mapping[tuple[str, str], tuple[bytes, ...]],
        with_ends: Container[tuple[str, str]],
    ) -> None:
        for relation in after.relations.values():
            where = (relation.schema, relation.name)
            if relation.file is None:
                continue
            path = self._server.data / relation.file
            if relation.oid in files:
                shape(path, replace(files[relation.oid], keys=keys.get(where, ())), self._server.account.own)
            elif keys.get(where):
                set_btree_keys(path, keys[where])
            elif relation.kind in HEAPS and where in with_ends and path.stat().st_size:
                set_unborn_rows(path)

    def _duplicates(self, before: CatalogState, fresh: Sequence[Relation]) -> list[str]:
        new = [index.oid for index in fresh if index.oid not in before.relations]
        with connect(self._url, self._settings) as connection:
            rows = connection.execute(_sql("duplicated").encode(), (new,)).fetchall()
        return [
            f"The unique index {index} cannot be built: {table}.{column} held the same value in several rows as of the"
            " last ANALYZE."
            for index, table, column in rows
        ]


def _is_as_it_was(index: Relation, before: CatalogState, after: CatalogState) -> bool:
    """Whether the source's rows can tell of an index: its table has the same name and columns there."""
    if index.table is None or index.table not in before.relations:
        return False
    old, new = before.relations[index.table], after.relations[index.table]
    columns = ([(each.number, each.name, each.type) for each in state.columns_of(old.oid)] for state in (before, after))
    return (old.schema, old.name) == (new.schema, new.name) and next(columns) == next(columns)


def _fresh_indexes(before: CatalogState, after: CatalogState) -> list[Relation]:
    """Indexes whose files were made by the migration, new or rebuilt."""
    known = {relation.file for relation in before.relations.values()}
    return [relation for relation in after.relations.values() if relation.kind == "i" and relation.file not in known]


def _unknown(before: CatalogState, after: CatalogState, texts: Sequence[str]) -> frozenset[str]:
    """New tables and views that statements about rows name."""
    return frozenset(
        relation.name
        for relation in after.relations.values()
        if relation.oid not in before.relations
        and relation.kind in HEAPS
        and any(mentions(text, relation.name) for text in texts)
    )


def _set_counts(
    connection: Connection,
    before: CatalogState,
    after: CatalogState,
    lengths: Mapping[int, int],
    *,
    unknown: frozenset[str],
    vacuums: bool,
) -> None:
    """What the planner is told: as before for what was there; as after ANALYZE for what is new and empty."""
    by_file = {relation.file: relation for relation in before.relations.values() if relation.file}
    for relation in after.relations.values():
        old = before.relations.get(relation.oid) or (by_file.get(relation.file) if relation.file else None)
        counts = {"relation": relation.oid, "pages": 0, "rows": 0.0, "visible": 0}
        if old is not None:
            same = relation.kind not in HEAPS or old.file == relation.file
            pages = old.pages if same else lengths[relation.oid] if old.rows >= 0 else 0
            visible = old.visible if same else pages if vacuums else 0
            counts |= {"pages": pages, "rows": old.rows, "visible": visible}
        elif relation.kind not in HEAPS or relation.name in unknown:
            continue
        connection.execute(named("pgarchitect.twin", "twin.sql", "set_planned").encode(), counts)


def _execute(connection: Connection, name: str, parameters: tuple[object, ...]) -> None:
    connection.execute(_sql(name).encode(), parameters)


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "migration.sql", name)
