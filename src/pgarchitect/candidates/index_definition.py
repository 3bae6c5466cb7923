"""An index as a definition: its SQL forward and back, its name, and whether an existing index already serves."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.schema.catalog import Index, Table

LONGEST_NAME = 63
"""Bytes of an identifier: NAMEDATALEN - 1 of a stock PostgreSQL."""


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One key of an index: its SQL, its direction and where nulls go (both only said when not the default)."""

    sql: str
    descending: bool = False
    nulls_first: bool | None = None
    operator_class: str = ""

    def __str__(self) -> str:
        parts = [self.sql, self.operator_class, "DESC" if self.descending else ""]
        if self.nulls_first is not None and self.nulls_first is not self.descending:
            parts.append("NULLS FIRST" if self.nulls_first else "NULLS LAST")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """An index that could be created."""

    table: Table
    keys: tuple[IndexKey, ...]
    method: str = "btree"

    def __str__(self) -> str:
        using = "" if self.method == "btree" else f"USING {self.method} "
        return f"{self.table.qualified} {using}({', '.join(map(str, self.keys))})"

    def candidate(self, kind: str, reason: str, fingerprints: tuple[str, ...], taken: Collection[str]) -> Candidate:
        """The candidate that creates this index under a name that is not among ``taken``."""
        name = self.name(taken)
        quoted = name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'
        schema = self.table.qualified[: -len(_last_part(self.table.qualified)) - 1]
        concurrently = "" if self.table.kind == "p" else "CONCURRENTLY "
        return Candidate(
            kind=kind,
            table=self.table.qualified,
            sql=f"CREATE INDEX {concurrently}{quoted} ON {self};",
            rollback_sql=f"DROP INDEX {concurrently}IF EXISTS {schema}.{quoted};",
            trial_sql=f"CREATE INDEX {quoted} ON {self}",
            object_name=name,
            qualified_name=f"{schema}.{quoted}",
            reason=reason,
            fingerprints=fingerprints,
            key=f"{kind}: {self}",
        )

    def name(self, taken: Collection[str]) -> str:
        """``table_columns_idx``, as PostgreSQL would name it; shortened by a digest where it would be too long."""
        words = "_".join(_words(key.sql) for key in self.keys)
        suffix = "idx" if self.method == "btree" else f"{self.method}_idx"
        name = f"{self.table.name}_{words}_{suffix}"
        if len(name.encode()) > LONGEST_NAME or name in taken:
            digest = hashlib.blake2b(str(self).encode(), digest_size=3).hexdigest()
            room = LONGEST_NAME - len(f"_{digest}_idx")
            name = f"{name.encode()[:room].decode(errors='ignore').rstrip('_')}_{digest}_idx"
        return name

    def served_by(self, index: Index) -> bool:
        """Whether an existing index can do all that this one could."""
        if not index.valid or index.partial or index.method != self.method:
            return False
        if self.method != "btree":
            return set(index.keys) >= {key.sql for key in self.keys}
        if tuple(map(_spelling, index.keys[: len(self.keys)])) != tuple(_spelling(key.sql) for key in self.keys):
            return False
        wanted = tuple(key.descending for key in self.keys)
        present = index.descending[: len(self.keys)]
        return len(self.keys) == 1 or present in {wanted, tuple(not each for each in wanted)}


def _spelling(key: str) -> str:
    """An expression without parentheses and casts, since the server spells ``lower(x)`` as ``lower(x::text)``."""
    return re.sub(r"::[a-z ]+|[()\s]", "", key) if "(" in key else key


def _words(key: str) -> str:
    return "_".join(re.findall(r"\w+", key.lower() if key.startswith("(") else key))


def _last_part(qualified: str) -> str:
    match = re.search(r'("(?:[^"]|"")*"|[^."]+)$', qualified)
    return match[0] if match else qualified
