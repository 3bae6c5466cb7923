"""Foreign keys in SQL."""

from collections.abc import Sequence

from pgarchitect.schema.database_schema import ForeignKey
from pgarchitect.schema.ddl.deferral import deferral
from pgarchitect.schema.ddl.quoting import qualified, quote, quoted_list


def add_foreign_key(schema: str, table: str, key: ForeignKey, home: str = "public") -> str:
    """ADD CONSTRAINT … FOREIGN KEY on the table of that schema and name."""
    on = qualified(schema, table, home)
    to = f"{qualified(key.schema, key.table, home)}({_columns(key.references, key)})"
    match = " MATCH FULL" if key.match_full else ""
    some = f" ({quoted_list(key.set_columns)})" if key.set_columns else ""
    actions = f"ON DELETE {key.on_delete.value}{some} ON UPDATE {key.on_update.value}"
    constraint = f"CONSTRAINT {quote(key.name)} FOREIGN KEY ({_columns(key.columns, key)})"
    return f"ALTER TABLE {on} ADD {constraint} REFERENCES {to}{match} {actions}{_when(key)};"


def drop_foreign_key(schema: str, table: str, key: ForeignKey, home: str = "public") -> str:
    """DROP CONSTRAINT."""
    return f"ALTER TABLE {qualified(schema, table, home)} DROP CONSTRAINT {quote(key.name)};"


def _columns(names: Sequence[str], key: ForeignKey) -> str:
    if not key.period:
        return quoted_list(names)
    return ", ".join((*map(quote, names[:-1]), f"PERIOD {quote(names[-1])}"))


def _when(key: ForeignKey) -> str:
    checked = deferral(deferrable=key.deferrable, deferred=key.initially_deferred)
    if not key.enforced:
        return f"{checked} NOT ENFORCED"
    return checked + ("" if key.validated else " NOT VALID")
