"""Connection URLs as Prisma writes them: with parameters of its own, which libpq refuses."""

from typing import Final
from urllib.parse import unquote, unquote_plus

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
    """A URL as libpq takes it, and the parameters of it that only Prisma knows (``schema``, ``pgbouncer``, …).

    All else stays to the letter: a password may hold what other readers of URLs take for a sign of their own.
    """
    scheme, url, rest = dsn.partition("://")
    place = rest.find("?", _behind_credentials(rest))
    if not url or place < 0:
        return dsn, {}
    own: dict[str, str] = {}
    kept = []
    for pair in rest[place + 1 :].split("&"):
        name, _, value = pair.partition("=")
        if unquote(name) in _OWN:
            own[unquote(name)] = unquote_plus(value)
        else:
            kept.append(pair)
    if not own:
        return dsn, {}
    asked = f"?{'&'.join(kept)}" if kept else ""
    return f"{scheme}{url}{rest[:place]}{asked}", own


def _behind_credentials(rest: str) -> int:
    """Where user and password end, found as libpq finds it: at the first @ before a slash."""
    at, slash = rest.find("@"), rest.find("/")
    return at + 1 if at >= 0 and (slash < 0 or at < slash) else 0
