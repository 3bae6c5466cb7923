"""CHECK and EXCLUDE constraints of the tables that stay."""

from collections.abc import Iterable, Iterator

from pgarchitect.schema.database_schema import Constraint, Table
from pgarchitect.schema.ddl.quoting import qualified, quote
from pgarchitect.schema.ddl.tables import constraint_clause
from pgarchitect.schema.difference.equality import same_constraint
from pgarchitect.schema.difference.matching import Named, match
from pgarchitect.schema.difference.rename_order import free_name, in_order
from pgarchitect.schema.difference.step import Step, StepKind
from pgarchitect.schema.difference.touched import Touched


def constraint_steps(old: Table, new: Table, touched: Touched, home: str) -> Iterator[Step]:
    """The steps of one table."""
    name = qualified(new.schema, new.name, home)

    def stays(constraint: Constraint) -> bool:
        return not touched.disturbs((old.schema, old.name), constraint.definition)

    matched = match(old.constraints, new.constraints, same_constraint, stays)
    for each in matched.dropped:
        yield Step(StepKind.DROP_CONSTRAINT, (f"ALTER TABLE {name} DROP CONSTRAINT {quote(each.name)};",), name)
    yield from renamed_constraints(StepKind.RENAME_CONSTRAINT, name, matched.renamed)
    for each in matched.added:
        warning = f"{quote(each.name)} on {name} will be checked: rows that break it make it fail."
        warnings = () if any(each == other for other in matched.dropped) else (warning,)
        yield Step(StepKind.ADD_CONSTRAINT, (f"ALTER TABLE {name} ADD {constraint_clause(each)};",), name, "", warnings)


def renamed_constraints(kind: StepKind, table: str, renamed: Iterable[tuple[Named, Named]]) -> Iterator[Step]:
    """Constraints of a table, given as SQL names it, that are the same but for their names."""
    names = {old.name: new.name for old, new in renamed}
    for old, new in in_order(names, names.keys(), free_name):
        yield Step(kind, (f"ALTER TABLE {table} RENAME CONSTRAINT {quote(old)} TO {quote(new)};",), table)
