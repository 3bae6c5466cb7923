"""Safe ways that several rules share, as SQL; each element is a migration of its own."""

from typing import Final

from pgarchitect.schema.safety.reading.names import Name, quoted, shortened

BATCH: Final = 10_000
"""Rows that a batch changes: some hundred milliseconds of row locks, and dead rows that autovacuum keeps up with."""
PATIENCE: Final = "SET lock_timeout = '2s';"
"""How long a statement that needs a strong lock may stand in the queue, where everybody else waits behind it."""


def literal(text: str) -> str:
    """A text as a string of SQL."""
    return "'" + text.replace("'", "''") + "'"


def patiently(*statements: str) -> str:
    """Statements that need a strong lock for an instant: they give up rather than hold up everybody behind them."""
    return "\n".join([PATIENCE, *(f"{each.rstrip(';')};" for each in statements)])


def in_batches(table: Name, change: str, condition: str) -> str:
    """An UPDATE (``SET …``) or DELETE of the rows that meet a condition, some of them at a time."""
    verb = f"UPDATE {table.sql} {change}" if change else f"DELETE FROM {table.sql}"
    where = f" WHERE {condition}" if condition else ""
    return (
        "-- Again and again, each time in a transaction of its own, until it changes no row:\n"
        f"{verb} WHERE ctid = ANY (ARRAY(\n"
        f"    SELECT ctid FROM {table.sql}{where} LIMIT {BATCH} FOR UPDATE SKIP LOCKED));"
    )


def checked_not_null(table: Name, column: str) -> tuple[str, ...]:
    """A check that stands for NOT NULL, and its validation."""
    name = quoted(_check_name(table, column))
    return (
        f"ALTER TABLE {table.sql} ADD CONSTRAINT {name} CHECK ({quoted(column)} IS NOT NULL) NOT VALID;",
        f"ALTER TABLE {table.sql} VALIDATE CONSTRAINT {name};",
    )


def without_check(table: Name, column: str) -> str:
    """The check goes when NOT NULL stands."""
    return f"ALTER TABLE {table.sql} DROP CONSTRAINT {quoted(_check_name(table, column))};"


def made_not_null(table: Name, column: str) -> tuple[str, ...]:
    """SET NOT NULL after a check has proven it, so that the table is not read under the lock."""
    ignore = "-- pgarchitect: ignore drop-constraint (NOT NULL says the same)"
    return (
        *checked_not_null(table, column),
        (
            f"ALTER TABLE {table.sql} ALTER COLUMN {quoted(column)} SET NOT"
            f" NULL;\n{ignore}\n{without_check(table, column)}"
        ),
    )


def _check_name(table: Name, column: str) -> str:
    return shortened(table.name, column, "not_null")


def kept_by_trigger(table: Name, column: str, expression: str) -> str:
    """A trigger that fills a column from the others of its row, whenever the row is written."""
    function = table.beside(shortened(table.name, column, "fill")).sql
    trigger = quoted(shortened(table.name, column, "fill"))
    return (
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        "BEGIN\n"
        f"    NEW.{quoted(column)} := (SELECT {expression} FROM (SELECT NEW.*) AS written);\n"
        "    RETURN NEW;\n"
        "END $$;\n"
        f"CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE ON {table.sql}\n"
        f"    FOR EACH ROW EXECUTE FUNCTION {function}();"
    )


def without_trigger(table: Name, column: str) -> str:
    """The trigger and its function go."""
    function = table.beside(shortened(table.name, column, "fill")).sql
    return f"DROP TRIGGER {quoted(shortened(table.name, column, 'fill'))} ON {table.sql};\nDROP FUNCTION {function}();"


def kept_alike(table: Name, old: str, new: str) -> str:
    """A trigger that keeps two columns alike, whichever of them is written."""
    function = table.beside(shortened(table.name, new, "alike")).sql
    trigger = quoted(shortened(table.name, new, "alike"))
    before, after = quoted(old), quoted(new)
    return (
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        "BEGIN\n"
        "    IF TG_OP = 'INSERT' THEN\n"
        f"        NEW.{after} := coalesce(NEW.{after}, NEW.{before});\n"
        f"        NEW.{before} := NEW.{after};\n"
        f"    ELSIF NEW.{after} IS DISTINCT FROM OLD.{after} THEN\n"
        f"        NEW.{before} := NEW.{after};\n"
        "    ELSE\n"
        f"        NEW.{after} := NEW.{before};\n"
        "    END IF;\n"
        "    RETURN NEW;\n"
        "END $$;\n"
        f"CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE ON {table.sql}\n"
        f"    FOR EACH ROW EXECUTE FUNCTION {function}();"
    )


def no_longer_alike(table: Name, new: str) -> str:
    """That trigger and its function go."""
    name = shortened(table.name, new, "alike")
    return f"DROP TRIGGER {quoted(name)} ON {table.sql};\nDROP FUNCTION {table.beside(name).sql}();"
