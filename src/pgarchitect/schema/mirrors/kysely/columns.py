"""A column → a property of a table's interface."""

from pgarchitect.schema.database_schema import Column
from pgarchitect.schema.mirrors.kysely.values import Values, values
from pgarchitect.schema.mirrors.typescript_code import comment, fits, key
from pgarchitect.schema.psl.prisma_schema import FunctionDefault


def column_property(column: Column, enum: str, documentation: str, *, filled: bool, read_only: bool) -> str:
    """A property with its comment, and a line's end.

    Args:
        column: of the database.
        enum: name of the type that stands for its enum; empty: it is of none.
        documentation: of the field.
        filled: the database fills it where an INSERT leaves it out.
        read_only: nothing can be written into it: of a view, or generated.
    """
    about = comment(documentation, "  ")
    return about + _property(key(column.name), _arguments(column, values(column.type, enum), filled, read_only)) + "\n"


def is_filled(column: Column, default: object) -> bool:
    """Whether the database has a value for it: a default, ``dbgenerated()`` that the schema does not spell out."""
    unsaid = isinstance(default, FunctionDefault) and default == FunctionDefault("dbgenerated")
    return column.default is not None or column.identity is not None or unsaid


def _arguments(column: Column, held: Values, filled: bool, read_only: bool) -> tuple[str, ...]:  # noqa: FBT001
    """The type as one text, or three: read, inserted, updated."""
    null = ("null",) if column.nullable else ()
    read = " | ".join((*held.read, *(() if held.read == ("unknown",) else null)))
    written = " | ".join((*held.written, *null))
    if read_only or column.generated:
        return (read, "never", "never")
    if read == written and not filled:
        return (read,)
    if read == written:
        return (f"Generated<{read}>",)
    return (read, f"{written} | undefined" if filled else written, written)


def _property(name: str, arguments: tuple[str, ...]) -> str:
    if len(arguments) == 1:
        return f"  {name}: {arguments[0]};"
    flat = f"  {name}: ColumnType<{', '.join(arguments)}>;"
    if fits(flat):
        return flat
    return f"  {name}: ColumnType<\n" + ",\n".join(f"    {each}" for each in arguments) + "\n  >;"
