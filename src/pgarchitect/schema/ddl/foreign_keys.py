"""Foreign keys in SQL."""

from pgarchitect.schema.database_schema import ForeignKey
from pgarchitect.schema.ddl.deferral import deferral
from pgarchitect.schema.ddl.quoting import qualified, quote, quoted_list


def add_foreign_key(schema: str, table: str, key: ForeignKey, home: str = "public") -> str:
    """ADD CONSTRAINT … FOREIGN KEY on the table of that schema and name."""
    on = qualified(schema, table, home)
    to = f"{qualified(key.schema, key.table, home)}({quoted_list(key.references)})"
    actions = f"ON DELETE {key.on_delete.value} ON UPDATE {key.on_update.value}"
    constraint = f"CONSTRAINT {quote(key.name)} FOREIGN KEY ({quoted_list(key.columns)})"
    return f"ALTER TABLE {on} ADD {constraint} REFERENCES {to} {actions}{_when(key)};"


def drop_foreign_key(schema: str, table: str, key: ForeignKey, home: str = "public") -> str:
    """DROP CONSTRAINT."""
    return f"ALTER TABLE {qualified(schema, table, home)} DROP CONSTRAINT {quote(key.name)};"


def _when(key: ForeignKey) -> str:
    checked = deferral(deferrable=key.deferrable, deferred=key.initially_deferred)
    return checked + ("" if key.validated else " NOT VALID")
