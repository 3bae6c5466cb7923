"""How fast a schema.prisma of 300 models is read, checked and laid out, and by Prisma's own module where that is."""

import time
from collections.abc import Callable
from typing import Final

from rich.console import Console
from rich.table import Table

from pgarchitect.schema.psl.formatting import formatted
from pgarchitect.schema.psl.reading import parse_schema
from tests.prisma_wasm import Unavailable, prisma

MODELS: Final = 300
_RUNS: Final = 5
_MODEL: Final = """
/// Model {0} of many.
model Thing{0} {{
  id          BigInt    @id @default(autoincrement())
  name        String    @unique @map("thing_name") @db.VarChar(120)
  description String?   @default("none") // what it is
  state       State     @default(OPEN)
  price       Decimal   @default(0) @db.Decimal(12, 2)
  tags        String[]  @default([])
  data        Json      @default("{{}}")
  createdAt   DateTime  @default(now()) @map("created_at") @db.Timestamptz(6)
  updatedAt   DateTime  @updatedAt
  next        Thing{1}? @relation("next{0}", fields: [nextId], references: [id], onDelete: SetNull, onUpdate: Cascade)
  nextId      BigInt?   @map("next_id")
  previous    Thing{2}[] @relation("next{2}")

  @@unique([name, state], map: "thing{0}_name_state")
  @@index([createdAt(sort: Desc), state])
  @@index([data(ops: JsonbPathOps)], type: Gin)
  @@map("thing_{0}")
}}
"""


def schema(models: int = MODELS) -> str:
    """A schema of so many models, each related to two others."""
    head = 'datasource db {\n  provider = "postgresql"\n}\n\nenum State {\n  OPEN\n  CLOSED @map("closed")\n}\n'
    return head + "".join(_MODEL.format(n, (n + 1) % models, (n - 1) % models) for n in range(models))


def run(console: Console) -> None:
    """Measure, and show lines a second of CPU time."""
    text = schema()
    sources = {"schema.prisma": text}
    lines = text.count("\n")
    table = Table("", "ms", "lines a second", title=f"{MODELS} models, {lines} lines; best of {_RUNS}")
    _row(table, "read and checked", lines, lambda: parse_schema(sources))
    _row(table, "laid out", lines, lambda: formatted(text))
    try:
        oracle = prisma()
    except Unavailable as error:
        console.print(f"without Prisma's module: {error}")
    else:
        _row(table, "checked by Prisma's module", lines, lambda: oracle.validate(sources))
        _row(table, "its DMMF", lines, lambda: oracle.dmmf(sources))
        _row(table, "laid out by it", lines, lambda: oracle.formatted(text))
    console.print(table)


def _row(table: Table, what: str, lines: int, work: Callable[[], object]) -> None:
    times = []
    for _ in range(_RUNS):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    table.add_row(what, f"{1000 * min(times):.0f}", f"{lines / min(times):,.0f}")
