"""From one database schema to another: the steps that lead there, and the data kept wherever it can be.

:func:`difference` finds the steps, :func:`migration_script` writes them as Prisma writes a migration, and
:func:`possible_renames` says what to ask a person first: a rename looks like a drop and an addition.
"""

from pgarchitect.schema.difference.difference import difference
from pgarchitect.schema.difference.possible_renames import possible_renames
from pgarchitect.schema.difference.rename import Rename, RenameKind, parse_rename
from pgarchitect.schema.difference.script import migration_script
from pgarchitect.schema.difference.step import Step, StepKind
from pgarchitect.schema.difference.wishes import Wishes

__all__ = [
    "Rename",
    "RenameKind",
    "Step",
    "StepKind",
    "Wishes",
    "difference",
    "migration_script",
    "parse_rename",
    "possible_renames",
]
