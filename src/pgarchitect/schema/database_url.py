"""The URL of a database as Prisma writes it, read for libpq: which database, and which schema in it.

https://www.prisma.io/docs/orm/overview/databases/postgresql lists Prisma's own parameters.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from pgarchitect.errors import UsageError

DEFAULT_SCHEMA: Final = "public"
_OURS_ALONE: Final = frozenset(
    {
        "schema",
        "connection_limit",
        "max_connection_lifetime",
        "max_idle_connection_lifetime",
        "pgbouncer",
        "pool_timeout",
        "single_use_connections",
        "socket_timeout",
        "sslaccept",
        "statement_cache_size",
    }
)
"""Parameters that Prisma knows and libpq does not."""
_BUNDLES: Final = ("sslidentity", "sslpassword")


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """Where a schema lives.

    Attributes:
        dsn: of the database, for libpq.
        schema: namespace of what names none, as ``?schema=`` says; also that of ``_prisma_migrations``.
    """

    dsn: str
    schema: str = DEFAULT_SCHEMA


def read_database_url(text: str) -> DatabaseUrl:
    """Read a URL or another connection string of libpq.

    Raises:
        UsageError: it asks for what libpq cannot do.
    """
    head, mark, query = text.strip().partition("?")
    if "://" not in head or not mark:
        return DatabaseUrl(text.strip())
    parameters = parse_qsl(query, keep_blank_values=True)
    given = dict(parameters)
    if given.get("sslidentity"):
        raise UsageError(
            "The database's URL names a PKCS 12 bundle (sslidentity), which libpq does not read; give a DSN with"
            " sslcert, sslkey and sslrootcert."
        )
    kept = [(name, value) for name, value in parameters if name not in _OURS_ALONE and name not in _BUNDLES]
    if "sslaccept" in given:
        # Prisma's sslcert is the certificate of the server's authority.
        kept = [("sslrootcert" if name == "sslcert" else name, value) for name, value in kept]
    rest = f"?{urlencode(kept)}" if kept else ""
    return DatabaseUrl(head + rest, given.get("schema") or DEFAULT_SCHEMA)
