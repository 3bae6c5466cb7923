"""The planner twin: a private PostgreSQL that plans as the source would, without a single row of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

from pgarchitect.errors import CannotConnect, StatementRefused, UsageError
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.settings import Settings
from pgarchitect.twin import hypothetical, migration
from pgarchitect.twin.batch import Row, plan_each, plan_matrix
from pgarchitect.twin.building import DATABASE, Built, Progress, built, read
from pgarchitect.twin.cost import ReadingCost
from pgarchitect.twin.disk import noticing_full_disk
from pgarchitect.twin.hypothetical import Hypothetical, Workshop
from pgarchitect.twin.lengths import set_lengths
from pgarchitect.twin.migrated import Migrated
from pgarchitect.twin.plan import Configuration, Generic, Plan, Unplannable
from pgarchitect.twin.sampling import Sampler
from pgarchitect.twin.scope import LeftOut
from pgarchitect.twin.session import Session, Switches
from pgarchitect.twin.share_sample import Shares
from pgarchitect.twin.source import Source
from pgarchitect.twin.together_sample import Together

__all__ = ["Configuration", "Generic", "LeftOut", "Plan", "PlannerTwin", "Unplannable"]

_SESSIONS: Final = 2
"""That plan a batch: more do not help, since reading the plans takes one core of ours."""

_UNSAMPLED: Final = "a migration has made its tables others than the source's"
"""Why no rows are sampled any more."""
_TABLES: Final = frozenset({"r", "m"})
_T = TypeVar("_T")


class PlannerTwin:
    """A live twin; ``PlannerTwin.of`` makes one. It is used by one thread at a time."""

    def __init__(self, parts: Built, dsn: str, settings: Settings) -> None:
        self._server = parts.server
        self._settings = settings
        self._sessions = [Session(self.url, settings) for _ in range(_SESSIONS)]
        self._hypotheticals: dict[str, Hypothetical] = {}
        self._names: dict[str, str] = {}
        """Of each index that a plan may show, the hypothetical index that it belongs to."""
        self._oids: dict[str, tuple[int, ...]] = {}
        self._off: frozenset[int] = frozenset()
        self._before: int | None = None  # while an index is created: the newest relation before
        self._migrated = False
        self.source: Source = parts.reading.source
        self.left_out: tuple[LeftOut, ...] = parts.losses.left_out
        """Tables that were wanted and that the twin lacks, with the reason."""
        self.missing: tuple[str, ...] = parts.losses.missing
        """What else of the source could not be recreated, one message of the server each."""
        self.incomplete: Mapping[str, str] = parts.losses.incomplete
        """Tables that it has without something that plans depend on, as SQL spells them, with the message."""
        self._warnings = parts.warnings
        self._cost = parts.reading.cost
        lengths = {(each.schema, each.name): each.pages for each in self.source.relations if each.kind in _TABLES}
        sampler, own = Sampler(dsn, settings, lengths), self._server.account.own
        self._workshop = Workshop(self._server.data, own, parts.ends, sampler, Shares(sampler), Together(sampler))
        self.version: str = parts.reading.binaries.version
        """Of the twin's server."""
        self.same_major: bool = int(parts.reading.binaries.major) == self.source.version // 10_000
        """Whether the twin's planner is of the source's major version; costs and shapes are less sure otherwise."""

    @classmethod
    @contextmanager
    def of(
        cls,
        dsn: str,
        settings: Settings,
        progress: Progress = lambda _: None,
        *,
        tables: Sequence[str] | None = None,
        spare_unscanned: bool = False,
    ) -> Iterator["PlannerTwin"]:
        """Build a twin of the database at ``dsn``; it is removed on exit.

        The source is read once, by a role that needs no more than ``pg_read_all_data``; nothing is written to it. Later
        a sample of its rows may be read for a hypothetical index, see ``twin/sampling.py``.

        Args:
            dsn: connection string of the source.
            settings: time-outs, and where the twin lives meanwhile.
            progress: hears of each step.
            tables: names of tables and views, as SQL spells them: these and what they need; None: everything.
            spare_unscanned: read no end points by an index that nobody scanned, so that it does not look used
                afterwards; the planner did not look there either since scans are counted.

        Raises:
            PgArchitectError: the source cannot be read or the twin not be started; the sentence says why.
        """
        reading = read(dsn, settings, tables, progress, spare_unscanned=spare_unscanned)
        with built(reading, settings, progress) as parts:
            twin = cls(parts, dsn, settings)
            try:
                yield twin
            finally:
                twin.close()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the twin sees otherwise than the source, or had to guess, one sentence each."""
        return self._warnings + self._workshop.sampler.warnings

    @property
    def cost_of_reading(self) -> ReadingCost:
        """What the source had to do, samples included."""
        return self._cost + self._workshop.sampler.cost()

    @property
    def url(self) -> str:
        """Connection URL of the twin, for a look by hand; whatever is done there is lost with it."""
        return self._server.url(DATABASE)

    def explain(self, statement: str | Generic) -> Plan:
        """The plan of a statement, under the configuration in force.

        Raises:
            StatementRefused: it cannot be planned.
        """
        (found,) = self._surviving(lambda: self._sessions[0].plan_all([statement]))
        if isinstance(found, Unplannable):
            raise StatementRefused(
                f"The statement cannot be planned ({found.reason}); check that it is PostgreSQL's SQL and that the twin"
                " has its tables."
            )
        return found

    def plan_all(self, statements: Sequence[str | Generic], configurations: Sequence[Configuration]) -> list[Row]:
        """The plans of many statements under many configurations: a list a configuration, with a plan a statement.

        Raises:
            UsageError: an index is not known, or a configuration is in force already.
        """
        self._require_none_in_force()
        rows = [self._switches(each.present, each.absent) for each in configurations]
        return self._surviving(lambda: plan_matrix(self._sessions, statements, rows))

    def plan_each(self, wanted: Sequence[tuple[Configuration, Sequence[str | Generic]]]) -> list[Row]:
        """The plans of some statements under each of many configurations: a list a configuration.

        Raises:
            UsageError: an index is not known, or a configuration is in force already.
        """
        self._require_none_in_force()
        tasks = [(self._switches(each.present, each.absent), statements) for each, statements in wanted]
        return self._surviving(lambda: plan_each(self._sessions, tasks))

    def used(self, plan: Plan) -> frozenset[str]:
        """Names of the hypothetical indexes that a plan uses, by themselves or by those of partitions."""
        names = plan.indexes()
        return frozenset(self._names[name] for name in names if name in self._names)

    def try_index(self, ddl: str) -> Hypothetical:
        """Create a hypothetical index; it is switched off until a configuration switches it on.

        Raises:
            UsageError: not a CREATE INDEX, refused by the server, or a configuration is in force.
            HomeUnavailable: the disk is full.
        """
        (found,) = self.try_indexes([ddl])
        if isinstance(found, UsageError):
            raise found
        return found

    def try_indexes(self, ddls: Sequence[str]) -> list[Hypothetical | UsageError]:
        """Create many hypothetical indexes, which is quicker than one by one; in place of a refused one, the reason.

        Raises:
            UsageError: a configuration is in force.
            HomeUnavailable: the disk is full.
        """
        self._require_none_in_force()
        places: dict[str | None, list[int]] = {}
        for place, ddl in enumerate(ddls):
            places.setdefault(hypothetical.table_of(ddl), []).append(place)
        found: dict[int, Hypothetical | UsageError] = {}
        try:
            # Where most is tried, what is left of the sample pages at last is needed most.
            for number, batch in enumerate(sorted(places.values(), key=len)):
                with self._workshop.sampler.part(1 / (len(places) - number)):
                    found.update(zip(batch, self._tried([ddls[place] for place in batch]), strict=True))
        finally:
            self._workshop.sampler.close()  # nobody keeps a session at the source between samples
        for each in found.values():
            if isinstance(each, Hypothetical):
                self._hypotheticals[each.name] = each
                self._names.update(dict.fromkeys((each.name, *(part.name for part in each.parts)), each.name))
        return [found[place] for place in range(len(ddls))]

    @contextmanager
    def configuration(self, present: Sequence[str] = (), absent: Sequence[str] = ()) -> Iterator[None]:
        """Plan as if the hypothetical indexes ``present`` existed and the existing ones ``absent`` did not.

        Raises:
            UsageError: a name is not known.
        """
        with self._sessions[0].switched(self._switches(present, absent)):
            yield

    def migrate(self, script: str) -> Migrated:
        """Run a migration; from then on the twin plans as the source would after it and ANALYZE.

        Raises:
            MigrationRefused: it fails; the twin is of no further use.
            UsageError: a configuration is in force.
            HomeUnavailable: the disk is full.
        """
        self._require_none_in_force()
        self.close()
        self._migrated = True
        self._oids.clear()
        lacking = [each.name for each in self.left_out]
        with noticing_full_disk(self._server.data):
            twin = migration.Twin(
                self._server, DATABASE, self._workshop.ends, self.source.ends, lacking, self._workshop.sampler
            )
            try:
                return migration.migrate(twin, script, self._settings)
            finally:
                self._workshop.sampler.close()
                self._workshop.sampler.forbid(_UNSAMPLED)

    def close(self) -> None:
        """End the twin's sessions."""
        for session in self._sessions:
            session.close()

    def _tried(self, ddls: Sequence[str]) -> list[Hypothetical | UsageError]:
        """Indexes of one table; one that the server ends over does not spoil the others."""
        try:
            return self._surviving(lambda: self._created(ddls))
        except StatementRefused:
            if len(ddls) == 1:
                raise
        return [self._alone(ddl) for ddl in ddls]

    def _alone(self, ddl: str) -> Hypothetical | UsageError:
        try:
            return self._surviving(lambda: self._created([ddl]))[0]
        except StatementRefused as error:
            return UsageError(str(error))

    def _created(self, ddls: Sequence[str]) -> list[Hypothetical | UsageError]:
        with connect(self.url, self._settings, read_only=False) as connection:
            self._discard(connection)
            self._before = hypothetical.newest(connection)
            made = hypothetical.create(connection, ddls, self._workshop)
        self._before = None
        return made

    def _discard(self, connection: Connection) -> None:
        """Drop what a creation that failed has left: an index whose size nobody estimated."""
        if self._before is not None:
            hypothetical.discard(connection, self._before)
            self._before = None

    def _switches(self, present: Sequence[str], absent: Sequence[str]) -> Switches:
        unknown = [name for name in (*present, *absent) if name not in self._oids]
        if unknown:
            self._oids.update(self._surviving(lambda: self._found(unknown)))
        on, off = ({oid for name in names for oid in self._oids[name]} for names in (present, absent))
        self._off |= off
        return Switches(frozenset(on), frozenset(off - on))

    def _found(self, names: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Oids of indexes, with those of their partitions."""
        with connect(self.url, self._settings) as connection:
            rows = connection.execute(_sql("indexes_named").encode(), (list(names),)).fetchall()
        found: dict[str, tuple[int, ...]] = {}
        for name, count, oids in rows:
            if count != 1:
                raise UsageError(f'The twin has {count or "no"} indexes called "{name}"; name one that exists once.')
            found[name] = tuple(oids)
        return found

    def _require_none_in_force(self) -> None:
        if self._sessions[0].is_switched:
            raise UsageError("A configuration is in force; leave it first.")

    def _surviving(self, action: Callable[[], _T]) -> _T:
        """Do ``action``; when the twin's server ended meanwhile, start it again and do it once more."""
        with noticing_full_disk(self._server.data):
            try:
                return action()
            except CannotConnect:
                if self._migrated:  # what the migration did to the files is not known any more
                    raise
                self._revive()
            try:
                return action()
            except CannotConnect as error:
                raise StatementRefused(
                    f"The twin's server ended twice over the same task ({error.__cause__ or error}); leave it out, and"
                    " look whether something kills the server."
                ) from error

    def _revive(self) -> None:
        """Start the server again as it was: files as long, trees as high, hypothetical indexes there and off."""
        self.close()
        self._server.kill()
        self._server.start()
        made = list(self._hypotheticals.values())
        set_lengths(self._server, DATABASE, self.source, self._workshop.ends, self._settings, made)
        off = frozenset(oid for each in made for oid in self._oids.get(each.name, (each.oid,)))
        self._sessions[0].commit(Switches(self._off - off, off))
        with connect(self.url, self._settings, read_only=False) as connection:
            self._discard(connection)


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "planner_twin.sql", name)
