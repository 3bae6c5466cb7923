"""Which mirrors on disk do not say what the schema says."""

from pathlib import Path
from typing import Final

from pgarchitect.errors import UsageError
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.drift import Difference
from pgarchitect.schema.mirrors.files import mirror_files, mirrors_expected
from pgarchitect.schema.psl.prisma_schema import PrismaSchema

_TOLD: Final = {
    "different": "differs from what the schema says",
    "foreign": "was not generated, or was edited",
    "missing": "is missing, though other files of this mirror are there",
}


def mirror_drift(schema: PrismaSchema, database: DatabaseSchema, folder: Path) -> tuple[Difference, ...]:
    """The files of mirrors in a folder that say something else; a mirror of which there is no file is not wanted.

    Args:
        schema: as it was read.
        database: what it was lowered to.
        folder: of the mirrors.

    Raises:
        UsageError: there is no mirror at all.
    """
    expected = mirrors_expected(folder)
    if not expected:
        raise UsageError(
            f"There is no mirror in {folder}; name the folder that has them, or write them with `pgarchitect schema"
            " generate`."
        )
    return tuple(
        Difference("mirror and schema", each.path.name, _TOLD[state], str(each.path))
        for each in mirror_files(schema, folder, expected, database)
        if (state := each.state) in _TOLD
    )
