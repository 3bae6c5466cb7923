"""What can go wrong in the data layer, each with its own type; the driver's error stays in ``__cause__``."""

from pgarchitect.errors import PgArchitectError


class AccessError(PgArchitectError):
    """The data layer could not do what it was asked to do; the message says why.

    Attributes:
        sqlstate: of the server's error; empty where the server had none.
    """

    sqlstate: str = ""


class UnknownField(AccessError):
    """A field or relation of that name does not exist; correct the name."""


class InvalidCondition(AccessError):
    """A condition, an order or an argument does not have the form that it must have; the message says which form."""


class InvalidValue(AccessError):
    """A value does not fit its column; nothing was written. Correct the value."""


class ValidationFailed(InvalidValue):
    """Values do not fit their columns; nothing was sent to the database. Correct each of those that are named.

    Attributes:
        problems: a sentence for each value that does not fit.
    """

    problems: tuple[str, ...] = ()


class NotFound(AccessError):
    """No row fits, where one must; look for it with find_first or check the key."""


class RelatedNotFound(NotFound):
    """A row that a nested write connects, changes or deletes does not exist, or belongs to another; check its key."""


class RelationRequired(AccessError):
    """A row cannot be without this relation; connect it with another row, or delete it."""


class UniqueViolated(AccessError):
    """A row with these values exists already; use upsert, or other values."""


class ForeignKeyViolated(AccessError):
    """The row refers to one that does not exist, or others still refer to it; write or delete those first."""


class NotNullViolated(AccessError):
    """A column that must have a value was given none; give it one."""


class CheckViolated(AccessError):
    """A check constraint refused the row; the message names it."""


class SerializationFailed(AccessError):
    """Transactions got in each other's way more often than they were tried again; try again later."""


class StatementFailed(AccessError):
    """The server refused a statement; the message has its reason."""


class StatementCancelled(AccessError):
    """Somebody had the server end the statement (the pool was closed, or pg_cancel_backend); nothing was written."""


class StatementTimedOut(AccessError):
    """The server ended a statement that took longer than its time-out; make it cheaper or raise the time-out."""


class ConnectionLost(AccessError):
    """The connection broke while a statement ran, and whether it took effect is not known; check, then try again.

    Attributes:
        is_outcome_known: nothing was written, so the same may be sent again.
    """

    is_outcome_known: bool = False


class ServerUnreachable(ConnectionLost):
    """No connection could be opened, so nothing was sent; check the server and the network, then try again."""

    is_outcome_known = True


class TooManyConnections(ServerUnreachable):
    """The server takes no more connections, so nothing was sent; make pools smaller or put a pooler in between."""


class TransactionLost(ConnectionLost):
    """The connection broke inside a transaction, of which nothing was written; run the transaction again."""

    is_outcome_known = True


class TransactionBroken(AccessError):
    """An error inside the transaction ended it, so nothing of it was written; put what may fail into a savepoint."""


class ReadOnlyRefused(AccessError):
    """A write was sent to a standby or in a read-only transaction, so nothing was written; send it to the primary."""


class AccessDenied(AccessError):
    """The server does not let this role in, or not do this; check role, password and rights."""


class ServerExhausted(AccessError):
    """The server has no room or memory for this, so nothing was written; free some, then try again."""


class PoolExhausted(AccessError):
    """No connection came free in time; raise the pool's size or its time-out, or hold connections for less long."""


class RelationNotLoaded(AccessError):
    """A relation was not loaded with its row; name it in include."""


class PoolClosed(AccessError):
    """The pool is closed; open the database before it is used, and use it before it is closed."""


class ListenerTooSlow(AccessError):
    """Notes came faster than the listener took them; take them faster, raise its limit or let it drop some."""


class NoDirectConnection(AccessError):
    """LISTEN does not work through a pooler; name the server itself in PoolOptions.direct_dsn."""


class ExtraMissing(AccessError):
    """This needs packages that are not installed; run: pip install 'pgarchitect[arrow]'."""


class InvalidRoute(AccessError):
    """A flag of the router cannot be read; say true, false, or a percentage from 0 to 100."""
