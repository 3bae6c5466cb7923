"""Which mirrors on disk do not say what the schema says."""

from pathlib import Path

from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.drift import Difference
from pgarchitect.schema.mirrors.files import mirror_files
from pgarchitect.schema.psl.prisma_schema import PrismaSchema

_TOLD = {
    "different": "differs from what the schema says; `pgarchitect schema generate {}` writes it anew",
    "foreign": "was not generated, or was edited; move it away, then `pgarchitect schema generate {}` writes it anew",
}


def mirror_drift(schema: PrismaSchema, database: DatabaseSchema, folder: Path) -> tuple[Difference, ...]:
    """The mirrors in a folder that say something else; those that are not there are not wanted.

    Args:
        schema: as it was read.
        database: what it was lowered to.
        folder: of the mirrors.
    """
    return tuple(
        Difference("mirror and schema", each.path.name, _TOLD[state].format(folder), str(each.path))
        for each in mirror_files(schema, folder, database=database)
        if (state := each.state) in _TOLD
    )
