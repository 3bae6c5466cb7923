"""Write what Prisma prints for our schemas beside them: ``python -m tests.prisma_golden``, after a schema changed."""

from pathlib import Path

from tests.prisma_engine import PrismaEngine, prisma_engine

SCHEMAS = Path(__file__).parent / "schemas"


def golden_schemas() -> list[Path]:
    """The schemas that have such a file, or shall get one."""
    return sorted(SCHEMAS.glob("ddl_*.prisma"))


def write(engine: PrismaEngine) -> None:
    """Format each schema, and write Prisma's script for it."""
    for path in golden_schemas():
        text = engine.formatted(path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
        path.with_suffix(".sql").write_text(engine.create_script(text), encoding="utf-8")


if __name__ == "__main__":
    with prisma_engine() as started:
        write(started)
