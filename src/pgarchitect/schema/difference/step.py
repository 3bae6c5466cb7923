"""One step of a migration."""

from dataclasses import dataclass
from enum import StrEnum


class StepKind(StrEnum):
    """What a step does: the heading above it, Prisma's own where Prisma has one.

    The order is the one in which steps always work: what stands on something goes before it changes and comes after.
    """

    SET_ASIDE = "SetAside"
    DROP_PROGRAM = "DropProgram"
    CREATE_SCHEMA = "CreateSchema"
    CREATE_EXTENSION = "CreateExtension"
    ALTER_EXTENSION = "AlterExtension"
    DROP_VIEW = "DropView"
    RENAME_ENUM = "RenameEnum"
    RENAME_TABLE = "RenameTable"
    RENAME_COLUMN = "RenameColumn"
    RENAME_SEQUENCE = "RenameSequence"
    DROP_FOREIGN_KEY = "DropForeignKey"
    DROP_CONSTRAINT = "DropConstraint"
    DROP_INDEX = "DropIndex"
    DETACH_PARTITION = "DetachPartition"
    DROP_TABLE = "DropTable"
    DROP_GENERATED_COLUMN = "DropGeneratedColumn"
    RENAME_INDEX = "RenameIndex"
    RENAME_CONSTRAINT = "RenameConstraint"
    RENAME_FOREIGN_KEY = "RenameForeignKey"
    CREATE_ENUM = "CreateEnum"
    ALTER_ENUM = "AlterEnum"
    CREATE_SEQUENCE = "CreateSequence"
    ALTER_TABLE = "AlterTable"
    DROP_ENUM = "DropEnum"
    DROP_SEQUENCE = "DropSequence"
    CREATE_TABLE = "CreateTable"
    ATTACH_PARTITION = "AttachPartition"
    CREATE_INDEX = "CreateIndex"
    ADD_CONSTRAINT = "AddConstraint"
    ALTER_FOREIGN_KEY = "AlterForeignKey"
    ADD_FOREIGN_KEY = "AddForeignKey"
    CREATE_VIEW = "CreateView"
    COMMENT_ON = "CommentOn"
    PUT_BACK = "PutBack"
    CREATE_PROGRAM = "CreateProgram"
    DROP_EXTENSION = "DropExtension"


_ORDER: dict[StepKind, int] = {kind: place for place, kind in enumerate(StepKind)}
_RENAMES = frozenset({StepKind.RENAME_INDEX, StepKind.RENAME_CONSTRAINT, StepKind.RENAME_FOREIGN_KEY})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a migration.

    Attributes:
        kind: what it does.
        statements: its SQL, each with its semicolon.
        concerns: the object, as SQL names it: ``"User"``, ``"auth"."User"``.
        loses: the data that it destroys, as a phrase: ``column "b" of "A"``; empty: none.
        warnings: sentences about what may go wrong with rows that are there.
        transactional: it may run in one transaction with the steps around it; False: it commits what comes before it
            (a value that is added to an enum and used by a later step), or refuses to run in a transaction at all
            (CREATE INDEX CONCURRENTLY).
    """

    kind: StepKind
    statements: tuple[str, ...]
    concerns: str
    loses: str = ""
    warnings: tuple[str, ...] = ()
    transactional: bool = True

    @property
    def place(self) -> float:
        """Where it stands among the steps.

        Values are added to enums before anything is destroyed, since one may have to be committed before its use.
        """
        if self.kind in _RENAMES:
            # Among themselves they have an order already, in which no name is taken before it is free.
            return float(_ORDER[StepKind.RENAME_INDEX])
        if self.kind is StepKind.ALTER_ENUM and self.statements[0].startswith("ALTER TYPE"):
            return _ORDER[StepKind.RENAME_ENUM] + 0.5
        return float(_ORDER[self.kind])
