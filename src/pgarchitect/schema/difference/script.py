"""Steps → the text of a migration."""

from collections.abc import Sequence

from pgarchitect.schema.ddl.script import EMPTY
from pgarchitect.schema.difference.step import Step


def migration_script(steps: Sequence[Step]) -> str:
    """The migration as Prisma writes it: warnings in a comment at the top, a heading above each step."""
    if not steps:
        return EMPTY
    warnings = [warning for each in steps for warning in each.warnings]
    return _comment(warnings) + "\n".join(map(_part, steps))


def _part(step: Step) -> str:
    return "\n".join((f"-- {step.kind.value}", *step.statements, ""))


def _comment(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    # A name may hold the end of a comment.
    lines = "\n".join(f"  - {each}" for each in warnings).replace("*/", "* /").replace("/*", "/ *")
    return f"/*\n  Warnings:\n\n{lines}\n\n*/\n"
