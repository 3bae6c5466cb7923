"""A generated client of the sample application, and a database that it fits."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg

from pgarchitect.access.options import PoolOptions
from pgarchitect.schema.client.module import client_module
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.psl.reading import parse_schema, read_schema

EDFINANCE = Path(__file__).parent.parent / "examples" / "edfinance" / "schema.prisma"
EVERYTHING = """
datasource db {
  provider = "postgresql"
}

enum Mood {
  SAD  @map("so so")
  GLAD

  @@map("mood of the day")
}

model Thing {
  id     BigInt    @id @default(autoincrement())
  text   String?
  short  String?   @db.VarChar(5)
  fixed  String?   @db.Char(3)
  key    String?   @unique @db.Uuid
  flag   Boolean?
  small  Int?      @db.SmallInt
  number Int?
  big    BigInt?
  real   Float?    @db.Real
  double Float?
  money  Decimal?  @db.Decimal(20, 4)
  moment DateTime?
  zoned  DateTime? @db.Timestamptz(6)
  day    DateTime? @db.Date
  clock  DateTime? @db.Time(6)
  json   Json?
  plain  Json?     @db.Json
  bytes  Bytes?
  mood   Mood?
  net    String?   @db.Inet
  texts  String[]
  counts Int[]
  moods  Mood[]
  jsons  Json[]
  odd    Int?      @map("odd \\"name\\" -- ;")

  @@map("thing; drop")
}
"""


def client(text: str, folder: Path, name: str = "generated_client") -> ModuleType:
    """The module that is generated of a schema, imported."""
    file = folder / f"{name}.py"
    file.write_text(client_module(parse_schema({"schema.prisma": text})), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def create(database: str, text: str) -> None:
    """Make the tables of a schema."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(create_script(lower(parse_schema({"schema.prisma": text}))).encode())


def edfinance_text() -> str:
    """The sample application's schema."""
    assert read_schema(EDFINANCE).models
    return EDFINANCE.read_text(encoding="utf-8")


@contextmanager
def opened(module: ModuleType, database: str, **options: Any) -> Iterator[Any]:
    """The synchronous database of a client."""
    with module.Database(database, PoolOptions(**options)) as made:
        yield made
