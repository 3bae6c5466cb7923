"""An index as a definition: its SQL forward and back, its name, and whether an existing index already serves."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.schema.catalog import Index, Table

LONGEST_NAME = 63
"""Bytes of an identifier: NAMEDATALEN - 1 of a stock PostgreSQL."""

Beginning = tuple[int, str, str, str]
"""What two indexes have in common that one may do the work of: table, first key, condition, storage."""


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One key of an index.

    Attributes:
        sql: a column, quoted where needed, or an expression in parentheses.
        descending: its direction.
        nulls_first: where nulls go; None: it does not matter.
        operator_class: empty for the default one.
        ordered: an ORDER BY asks for it, so that its direction matters.
    """

    sql: str
    descending: bool = False
    nulls_first: bool | None = None
    operator_class: str = ""
    ordered: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        parts = [self.sql, self.operator_class, "DESC" if self.descending else ""]
        if self.nulls_first is not None and self.nulls_first is not self.descending:
            parts.append("NULLS FIRST" if self.nulls_first else "NULLS LAST")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """An index that could be created.

    Attributes:
        table: it is on.
        keys: in their order.
        method: of access.
        included: columns that it only carries, quoted where needed, so that a statement need not look at the table.
        where: condition of a partial index; empty for one on all rows.
        storage: parameters of its method, as they stand in WITH; empty for the usual ones.
        extension: that must be created first; empty: none.
    """

    table: Table
    keys: tuple[IndexKey, ...]
    method: str = "btree"
    included: tuple[str, ...] = ()
    where: str = ""
    storage: str = ""
    extension: str = field(default="", compare=False)

    def __str__(self) -> str:
        using = "" if self.method == "btree" else f"USING {self.method} "
        included = f" INCLUDE ({', '.join(self.included)})" if self.included else ""
        storage = f" WITH ({self.storage})" if self.storage else ""
        where = f" WHERE {self.where}" if self.where else ""
        return f"{self.table.qualified} {using}({', '.join(map(str, self.keys))}){included}{storage}{where}"

    @property
    def beginning(self) -> Beginning:
        """What it has in common with those that it could be merged with."""
        return self.table.oid, str(self.keys[0]), self.where, self.storage

    def candidate(self, kind: str, reason: str, fingerprints: tuple[str, ...], taken: Collection[str]) -> Candidate:
        """The candidate that creates this index under a name that is not among ``taken``."""
        name = self.name(taken)
        quoted = name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'
        schema = self.table.qualified.removesuffix(f".{last_part(self.table.qualified)}")
        concurrently = "" if self.table.kind == "p" else "CONCURRENTLY "
        before = f"CREATE EXTENSION IF NOT EXISTS {self.extension}; " if self.extension else ""
        return Candidate(
            kind=kind,
            table=self.table.qualified,
            sql=f"{before}CREATE INDEX {concurrently}{quoted} ON {self};",
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
        kinds = ("" if self.method == "btree" else self.method, "partial" * bool(self.where))
        suffix = "_".join([*filter(None, (*kinds, "covering" * bool(self.included))), "idx"])
        name = f"{self.table.name}_{words}_{suffix}"
        if len(name.encode()) > LONGEST_NAME or name in taken:
            digest = hashlib.blake2b(str(self).encode(), digest_size=3).hexdigest()
            room = LONGEST_NAME - len(f"_{digest}_idx")
            short = name.removesuffix("_idx").encode()[:room].decode(errors="ignore").rstrip("_")
            name = f"{short}_{digest}_idx"
        return name

    def served_by(self, index: Index) -> bool:
        """Whether an existing index can do all that this one could."""
        held = {*index.keys, *index.included}
        if not index.valid or index.method != self.method or not set(self.included) <= held:
            return False
        if index.partial and not (
            self.where and canonical_condition(index.condition) == canonical_condition(self.where)
        ):
            return False
        present = tuple(zip(map(canonical, index.keys), index.classes or [""] * len(index.keys), strict=True))
        wanted = tuple((canonical(key.sql), _last_word(key.operator_class)) for key in self.keys)
        if self.method != "btree":
            return all(each in present or (each[0], _BROADER.get(each[1])) in present for each in wanted)
        # Keys before the last one are compared for equality, unless they are ordered, in which case all after are.
        free = sum(not key.ordered for key in self.keys[:-1])
        if set(present[:free]) != set(wanted[:free]) or present[free : len(wanted)] != wanted[free:]:
            return False
        return self._in_order(index, backward=False) or self._in_order(index, backward=True)

    def _in_order(self, index: Index, *, backward: bool) -> bool:
        """Whether a scan of ``index``, backward or not, returns rows in the order that is asked for."""
        return all(
            (descending is not backward) is key.descending
            and (key.nulls_first is None or (nulls_first is not backward) is key.nulls_first)
            for key, descending, nulls_first in zip(self.keys, index.descending, index.nulls_first, strict=False)
            if key.ordered
        )

    def follows_unique(self, index: Index) -> bool:
        """Whether its leading keys are those of a unique index, which leaves nothing for the keys after them."""
        leading = {canonical(key.sql) for key in self.keys[: len(index.keys)]}
        return index.unique and index.valid and not index.partial and leading == set(map(canonical, index.keys))


_BROADER: Final = {"jsonb_path_ops": ""}
"""Operator classes → the one that serves all that they serve, and more; empty for the default one."""


def _last_word(operator_class: str) -> str:
    return operator_class.rpartition(".")[2]


@cache
def canonical(key: str) -> str:
    """A key in one spelling: the server writes ``lower(x::text)`` where a statement has ``LOWER(x)``."""
    if "(" not in key and "::" not in key and "->" not in key:
        return key
    return canonical_condition(key) or key


@cache
def canonical_condition(condition: str) -> str:
    """The same for a condition: ``((state)::text = 'open'::text)`` where a statement has ``state = 'open'``."""
    try:
        tree = sqlglot.parse_one(condition, dialect="postgres")
    except SqlglotError:
        return ""
    while (plain := tree.transform(_plain)) != tree:  # what was replaced is not looked into
        tree = plain
    return f"({tree.sql(dialect='postgres')})"


def _plain(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Cast):
        of_text = node.to.this in exp.DataType.TEXT_TYPES
        node = node.this if of_text or isinstance(node.this.unnest(), exp.Literal) else node
    if isinstance(node, exp.EQ) and isinstance(node.expression, exp.Any):  # IN, as the server prints it
        values = node.expression.this.unnest()
        values = values.this.unnest() if isinstance(values, exp.Cast) else values
        if isinstance(values, exp.Array):
            return exp.In(this=node.this, expressions=values.expressions)
    return node.unnest()


def _words(key: str) -> str:
    return "_".join(re.findall(r"\w+", key.lower() if key.startswith("(") else key))


def last_part(qualified: str) -> str:
    """The last name of a qualified one, still quoted."""
    match = re.search(r'("(?:[^"]|"")*"|[^."]+)$', qualified)
    return match[0] if match else qualified


def unquoted(name: str) -> str:
    """A name as the catalog has it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
