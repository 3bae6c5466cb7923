"""A project of 300 models to measure on: its schema.prisma, the migrations that made it, one after the other."""

from pathlib import Path
from typing import Final

from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.difference import difference, migration_script
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.migrations.folder import write_migration
from pgarchitect.schema.psl.reading import parse_schema

MODELS: Final = 300
GROUP: Final = 10
"""Models of one migration, which share an enum."""
LATER: Final = 6
"""Migrations that add a column and an index to every so-manieth model."""
_HEAD: Final = """datasource db {
  provider = "postgresql"
}

generator client {
  provider = "prisma-client"
  output   = "../generated"
}
"""
_ENUM: Final = """
/// Where a thing of group {group} stands.
enum State{group} {{
  OPEN
  AT_WORK @map("at work")
  CLOSED
}}
"""
_MODEL: Final = """
/// Thing {n} of many.
model Thing{n} {{
  id        {id}
  code      String    @unique @db.VarChar(40)
  title     String
  note      String?   @default("none") // what it is
  state     State{group}    @default(OPEN)
  price     Decimal   @default(0) @db.Decimal(12, 2)
  share     Float?
  tags      String[]  @default([])
  data      Json      @default("{{}}")
  active    Boolean   @default(true)
  createdAt DateTime  @default(now()) @map("created_at") @db.Timestamptz(6)
  updatedAt DateTime  @updatedAt @map("updated_at")
{more}
  @@unique([state, code], map: "thing_{n}_state_code")
  @@index([createdAt(sort: Desc), active])
{indexes}  @@map("thing_{n}")
}}
"""
_KEYS: Final = (
    "BigInt    @id @default(autoincrement())",
    'String    @id @default(dbgenerated("gen_random_uuid()")) @db.Uuid',
    "Int       @id @default(autoincrement())",
)
_REFERENCE: Final = """  {name}   Thing{to}? @relation("{name}{n}", fields: [{name}Id], references: [id]{actions})
  {name}Id {type} @map("{name}_id")
"""


def schema_text(models: int = MODELS, later: int = LATER) -> str:
    """The schema once it had so many models, and so many of the later migrations had run."""
    parts = [_HEAD]
    for n in range(models):
        if n % GROUP == 0:
            parts.append(_ENUM.format(group=n // GROUP))
        parts.append(_model(n, models, later))
    return "".join(parts)


def _model(n: int, models: int, later: int) -> str:
    more, indexes = [], []
    for name, to, actions in (("parent", n - 1, ""), ("owner", n // 2, ", onDelete: Cascade, onUpdate: NoAction")):
        if 0 <= to < n:
            kind = _KEYS[to % 3].partition(" ")[0] + ("? @db.Uuid" if to % 3 == 1 else "?")
            more.append(_REFERENCE.format(name=name, n=n, to=to, type=kind, actions=actions))
            indexes.append(f"  @@index([{name}Id])\n")
    others = [("parent", n + 1), *(("owner", each) for each in (2 * n, 2 * n + 1) if each > n)]
    more += [f'  {name}Of{each} Thing{each}[] @relation("{name}{each}")\n' for name, each in others if each < models]
    if n % LATER < later and n % 5 == 0:
        more.append('  archivedAt DateTime? @map("archived_at")\n')
        indexes.append("  @@index([archivedAt, code])\n")
    if n % 4 == 0:
        indexes.append("  @@index([data(ops: JsonbPathOps)], type: Gin)\n")
    parts = {"id": _KEYS[n % 3], "group": n // GROUP, "more": "".join(more), "indexes": "".join(indexes)}
    return _MODEL.format(n=n, **parts)


def write_project(folder: Path, models: int = MODELS) -> Path:
    """Write schema.prisma and ``migrations`` into a folder; the schema's path."""
    path = folder / "schema.prisma"
    path.write_text(schema_text(models), encoding="utf-8")
    stages = [(min(each + GROUP, models), 0) for each in range(0, models, GROUP)]
    stages += [(models, each + 1) for each in range(LATER)]
    before = DatabaseSchema(("public",))
    for number, (count, later) in enumerate(stages):
        after = lower(parse_schema({"schema.prisma": schema_text(count, later)}))
        script = migration_script(difference(before, after))
        write_migration(folder / "migrations", f"20260101{number:06}_stage", script)
        before = after
    return path
