"""RENAME TO and SET SCHEMA of a table."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import AlterTable, OtherAction, Rename
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.rewriting import PATIENCE
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What the running application knows by its old name."""
    form = subject.form
    if not isinstance(form, AlterTable) or form.relation == "INDEX":
        return
    for action in form.actions:
        after = _after(form.table, action, subject)
        if after is None:
            continue
        happens = (
            f"Every statement of the running application that names {form.table.shown} fails from then on, and those of"
            f" the new version that name {after.shown} fail until then. ACCESS EXCLUSIVE for an instant. In"
            " schema.prisma"
            f' a model of another name costs nothing: @@map("{form.table.name}").'
        )
        ignore = "-- pgarchitect: ignore rename-table (a view has the old name)"
        renamed = (
            f"{PATIENCE}\n{ignore}\n{subject.statement.text};\n"
            f"CREATE VIEW {form.table.sql} AS SELECT * FROM {after.sql};"
        )
        dropped = (
            f"-- When every running version uses {after.shown}:\n"
            f"-- pgarchitect: ignore drop-table (nothing uses it any more)\nDROP VIEW {form.table.sql};"
        )
        yield Found(form.table, happens, (renamed, dropped) if form.relation == "TABLE" else ())


def _after(table: Name, action: object, subject: Subject) -> Name | None:
    """The new name, if the action gives one."""
    if isinstance(action, Rename) and action.kind == "TABLE":
        return table.beside(action.new)
    if isinstance(action, OtherAction) and action.words.startswith("SET SCHEMA"):
        return Name(subject.statement.tokens[action.end - 1].name, table.name)
    return None


RULE = Rule(
    id="rename-table",
    title="a table is renamed, or moved to another schema, under the running application",
    severity=Severity.ERROR,
    page="""There is no moment in which both versions of an application find the table by the name that they know. In
a Prisma schema the way out needs no SQL: the model gets its new name and `@@map("old_name")`. Where the database must
change, a view with the old name, made in the same transaction, lets the old version read and write on; it goes when
no running version uses it.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE archive RENAME TO old_orders;",
            table="archive",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE),
            steps=(Taken(LockMode.ACCESS_EXCLUSIVE), None),
        ),
        Example("ALTER TABLE archive SET SCHEMA attic;", table="archive", takes=Taken(LockMode.ACCESS_EXCLUSIVE)),
    ),
    harmless=(
        "ALTER INDEX orders_code RENAME TO orders_code_idx;",
        "CREATE TABLE a (b int); ALTER TABLE a RENAME TO c;",
    ),
    by_size=False,
)
