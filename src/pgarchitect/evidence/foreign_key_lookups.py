"""What PostgreSQL looks up by itself when rows go that others refer to: EXPLAIN shows nothing of it.

For every row that a statement deletes, or whose key it changes, the server searches each table that refers to it
(``RI_FKey_noaction_del`` and its kind, utils/adt/ri_triggers.c). Where that table has no index on the foreign key, it
is read as a whole each time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from pgarchitect.evidence.write_cost import set_columns
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.workload.syntax import table_name


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """One foreign key.

    Attributes:
        schema: of the table that is referred to, as the catalog has it.
        table: its name.
        visible: that table is found without its schema.
        referring: schema and name of the table that refers to it.
        spelled: the same as SQL spells it.
        keys: columns that are referred to, as the catalog has them.
        columns: those that refer to them, as SQL spells them.
    """

    schema: str
    table: str
    visible: bool
    referring: tuple[str, str]
    spelled: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def search(self) -> str:
        """What finds the rows that refer to one row; its parameters are that row's key."""
        conditions = (f"{column} = ${number}" for number, column in enumerate(self.columns, start=1))
        return f"SELECT 1 FROM {self.spelled} WHERE {' AND '.join(conditions)}"

    @property
    def lookup(self) -> str:
        """The same as the server does it: rows are locked, so that no index alone can answer."""
        return f"{self.search} FOR KEY SHARE"


def read_foreign_keys(connection: Connection) -> list[ForeignKey]:
    """All foreign keys of a database."""
    sql = named("pgarchitect.evidence", "foreign_key_lookups.sql", "foreign_keys")
    return [
        ForeignKey(schema, table, visible, (child_schema, child), spelled, tuple(keys), tuple(columns))
        for schema, table, visible, child_schema, child, spelled, keys, columns in connection.execute(sql.encode())
    ]


def searched_by(tree: exp.Expr, foreign_keys: Sequence[ForeignKey]) -> tuple[ForeignKey, ...]:
    """The foreign keys that a parsed statement makes the server search for."""
    return tuple(dict.fromkeys(_searched(tree, foreign_keys)))


def _searched(tree: exp.Expr, foreign_keys: Sequence[ForeignKey]) -> Iterator[ForeignKey]:
    for delete in tree.find_all(exp.Delete):
        yield from (each for each in foreign_keys if _refers(each, delete.this))
    for update in tree.find_all(exp.Update):
        changed = set(set_columns(update))
        yield from (each for each in foreign_keys if changed.intersection(each.keys) and _refers(each, update.this))


def _refers(key: ForeignKey, target: object) -> bool:
    if not isinstance(target, exp.Table):
        return False
    name, schema = table_name(target)
    return key.table == name and (key.schema == schema or (not schema and key.visible))
