"""Connection URLs as Prisma writes them: with parameters of its own, which libpq refuses."""

from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_OWN: Final = frozenset(
    {
        "schema",
        "connection_limit",
        "pool_timeout",
        "pgbouncer",
        "socket_timeout",
        "statement_cache_size",
        "sslaccept",
        "sslidentity",
        "sslpassword",
        "single_use_connections",
        "max_connection_lifetime",
        "max_idle_connection_lifetime",
    }
)
"""https://www.prisma.io/docs/orm/overview/databases/postgresql#arguments"""


def without_prisma_parameters(dsn: str) -> tuple[str, dict[str, str]]:
    """A URL as libpq takes it, and the parameters of it that only Prisma knows (``schema``, ``pgbouncer``, …)."""
    if "://" not in dsn or "?" not in dsn:
        return dsn, {}
    parts = urlsplit(dsn)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    own = {name: value for name, value in pairs if name in _OWN}
    if not own:
        return dsn, {}
    kept = urlencode([(name, value) for name, value in pairs if name not in _OWN])
    return urlunsplit(parts._replace(query=kept)), own
