"""The one root of everything that can go wrong, and what each of it means to a user.

An error's message is one clear sentence: what happened, whose turn it is, what to do. The class docstring is
the message when none is given. ``exit_code`` is what the command line returns; docs/exit-codes.md lists them.
The driver's own error stays in ``__cause__``.
"""

from typing import ClassVar


class PgArchitectError(Exception):
    """Something went wrong inside pgarchitect; please report it with the command that you ran."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class UsageError(PgArchitectError):
    """The command was called with arguments that do not fit together; see --help."""

    exit_code = 2


class CannotConnect(PgArchitectError):
    """PostgreSQL could not be reached; check host, port and network, then try again."""

    exit_code = 3


class DatabaseMissing(CannotConnect):
    """The server has no database of that name; check the name in the DSN, or create it."""


class AuthenticationFailed(PgArchitectError):
    """PostgreSQL refused the role or its password; check both in the DSN."""

    exit_code = 4


class MissingCapability(PgArchitectError):
    """The database lacks something that an audit needs; run `pgarchitect doctor` to see what and how to fix it."""

    exit_code = 5


class VersionTooOld(PgArchitectError):
    """The server is older than PostgreSQL 14, the oldest version that pgarchitect reads; upgrade it first."""

    exit_code = 6


class EmptyWorkload(PgArchitectError):
    """No statement passed the filters; let the application run for a while or lower --min-calls and --min-mean-ms."""

    exit_code = 7


class HomeUnavailable(PgArchitectError):
    """The architect's own database cannot be written; free disk space or set PGARCHITECT_HOME_URL."""

    exit_code = 8


class EmbeddedServerFailed(PgArchitectError):
    """The embedded PostgreSQL server could not be started; its log says why."""

    exit_code = 9


class StatementRefused(PgArchitectError):
    """The server refused a statement of ours; the reason stands in the message."""

    exit_code = 10


class ReportNotWritten(PgArchitectError):
    """The report could not be written to the given path; choose another with --html or --output."""

    exit_code = 11


class AuditRunning(PgArchitectError):
    """Another audit of the same database or on the same sandbox is running; wait for it to end, then try again."""

    exit_code = 12


class MigrationRefused(PgArchitectError):
    """The migration would fail; the message has the line and the reason."""

    exit_code = 13


class PlansWorse(PgArchitectError):
    """The migration breaks statements or makes plans dearer than was allowed; the report names them."""

    exit_code = 14


class SchemaInvalid(PgArchitectError):
    """The Prisma schema has errors; the message has each with its file, line and column."""

    exit_code = 15


class MigrationFailed(PgArchitectError):
    """A migration failed; the message has its name and the server's reason. Put it right, then `migrate resolve` it."""

    exit_code = 16


class MigrationObstructed(MigrationFailed):
    """A new migration cannot run since something that the schema has no word for stands in its way."""


class HistoryDiverged(PgArchitectError):
    """The migrations on disk and those that the database has recorded differ; the message names them."""

    exit_code = 17


class DataWouldBeLost(PgArchitectError):
    """The change would destroy data; the message names what. Add --accept-data-loss if that is what you want."""

    exit_code = 18


class DriftFound(PgArchitectError):
    """Schema, migrations, database and generated files do not agree; the report names the differences."""

    exit_code = 19


class MigrationUnsafe(PgArchitectError):
    """A migration would hurt a live database; the report has each statement with the safe way to write it."""

    exit_code = 20


class MigrationRunning(PgArchitectError):
    """Another process is migrating the same database; wait for it to end, then try again."""

    exit_code = 21


class Interrupted(PgArchitectError):
    """Interrupted: nothing was changed and nothing was recorded; run the same command again to start over."""

    exit_code = 130
