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


class NotFound(AccessError):
    """No row fits, where one must; look for it with find_first or check the key."""


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


class StatementTimedOut(AccessError):
    """The server ended a statement that took longer than its time-out; make it cheaper or raise the time-out."""


class ConnectionLost(AccessError):
    """The connection broke while a statement ran, and whether it took effect is not known; check, then try again."""


class PoolExhausted(AccessError):
    """No connection came free in time; raise the pool's size or its time-out, or hold connections for less long."""


class RelationNotLoaded(AccessError):
    """A relation was not loaded with its row; name it in include."""


class PoolClosed(AccessError):
    """The pool is closed; open the database before it is used, and use it before it is closed."""


class InvalidRoute(AccessError):
    """A flag of the router cannot be read; say true, false, or a percentage from 0 to 100."""
