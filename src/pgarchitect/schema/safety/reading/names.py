"""Names of tables and other objects, as a script writes them and as the catalog has them."""

import re
from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.safety.reading.tokens import LONGEST_NAME

_BARE: Final = re.compile(r"[a-z_][a-z0-9_]*")
_RESERVED: Final = frozenset(
    [
        "all",
        "analyse",
        "analyze",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "asymmetric",
        "authorization",
        "binary",
        "both",
        "case",
        "cast",
        "check",
        "collate",
        "collation",
        "column",
        "concurrently",
        "constraint",
        "create",
        "cross",
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "default",
        "deferrable",
        "desc",
        "distinct",
        "do",
        "else",
        "end",
        "except",
        "false",
        "fetch",
        "for",
        "foreign",
        "freeze",
        "from",
        "full",
        "grant",
        "group",
        "having",
        "ilike",
        "in",
        "initially",
        "inner",
        "intersect",
        "into",
        "is",
        "isnull",
        "join",
        "lateral",
        "leading",
        "left",
        "like",
        "limit",
        "localtime",
        "localtimestamp",
        "natural",
        "not",
        "notnull",
        "null",
        "offset",
        "on",
        "only",
        "or",
        "order",
        "outer",
        "overlaps",
        "placing",
        "primary",
        "references",
        "returning",
        "right",
        "select",
        "session_user",
        "similar",
        "some",
        "symmetric",
        "system_user",
        "table",
        "tablesample",
        "then",
        "to",
        "trailing",
        "true",
        "union",
        "unique",
        "user",
        "using",
        "variadic",
        "verbose",
        "when",
        "where",
        "window",
        "with",
    ]
)
"""Words that cannot name a table or column without quotes: ``pg_get_keywords()`` of PostgreSQL 18, R and T."""


def quoted(name: str) -> str:
    """A name as SQL needs it: in quotes only where it would not be read as it is."""
    if _BARE.fullmatch(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def shortened(*parts: str) -> str:
    """A name made of parts joined by ``_``, of at most 63 bytes: the first part gives way."""
    rest = "".join(f"_{part}" for part in parts[1:])
    room = max(LONGEST_NAME - len(rest.encode()), 1)
    return (parts[0].encode()[:room].decode(errors="ignore") + rest).encode()[:LONGEST_NAME].decode(errors="ignore")


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """The name of an object; ``schema`` is empty where the script leaves it to the search path."""

    schema: str
    name: str

    @property
    def sql(self) -> str:
        """As SQL needs it."""
        return f"{quoted(self.schema)}.{quoted(self.name)}" if self.schema else quoted(self.name)

    @property
    def shown(self) -> str:
        """As a sentence says it."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    @property
    def key(self) -> tuple[str, str]:
        """Equal for ``t`` and ``public.t``, which are the same table wherever nobody changes the search path."""
        return (self.schema or "public", self.name)

    def beside(self, name: str) -> "Name":
        """Another name in the same schema."""
        return Name(self.schema, name)
