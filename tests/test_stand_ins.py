"""Stand-ins for pgcrypto and uuid-ossp: in shadow databases only, and none of their functions pretends."""

from pathlib import Path

import psycopg
import pytest

from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.schema.agreement import Sides, differences
from pgarchitect.schema.database_schema import Extension
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.shadow import shadow_database
from pgarchitect.settings import Settings

BOTH = (Extension("pgcrypto"), Extension("uuid-ossp"))
SCHEMA = """datasource db {
  provider   = "postgresql"
  extensions = [pgcrypto, uuid_ossp(map: "uuid-ossp")]
}

generator client {
  provider        = "prisma-client"
  previewFeatures = ["postgresqlExtensions"]
}

model Token {
  id     String @id @default(dbgenerated("uuid_generate_v4()")) @db.Uuid
  secret Bytes  @default(dbgenerated("gen_random_bytes(16)"))
  other  String @default(dbgenerated("encode(digest('a'::text, 'sha1'::text), 'hex')"))
}
"""
CREATED = """CREATE EXTENSION IF NOT EXISTS "pgcrypto";
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE TABLE "Token" (
    "id" UUID NOT NULL DEFAULT uuid_generate_v4(),
    "secret" BYTEA NOT NULL DEFAULT gen_random_bytes(16),
    "other" TEXT NOT NULL DEFAULT encode(digest('a', 'sha1'), 'hex'),
    CONSTRAINT "Token_pkey" PRIMARY KEY ("id")
);
CREATE INDEX by_digest ON "Token" (digest(other, 'sha256'::text));
"""


def values(connection: Connection, query: str) -> list[object]:
    return [row[0] for row in connection.execute(query.encode()).fetchall()]


def test_a_shadow_database_has_them_and_no_other(server: EmbeddedServer, settings: Settings) -> None:
    there = "SELECT name::text FROM pg_available_extensions WHERE name IN ('pgcrypto', 'uuid-ossp') ORDER BY 1"
    with shadow_database(settings, BOTH) as shadow:
        shadow.execute("RESET ALL")
        assert values(shadow, there) == ["pgcrypto", "uuid-ossp"]
        said = (
            "SELECT obj_description(oid, 'pg_extension') FROM pg_extension WHERE extname IN ('pgcrypto', 'uuid-ossp')"
        )
        assert all("stand-in" in str(each) for each in values(shadow, said))
        assert len(values(shadow, said)) == 2
    with connect(server.url()) as other:
        assert values(other, there) == []


def test_what_they_cannot_do_they_refuse(settings: Settings) -> None:
    with shadow_database(settings, BOTH) as shadow:
        [made] = values(shadow, "SELECT uuid_generate_v4()::text")
        assert str(made)[14] == "4"
        assert values(shadow, "SELECT uuid_ns_url()::text") == ["6ba7b811-9dad-11d1-80b4-00c04fd430c8"]
        for call in ("digest('a', 'sha256')", "gen_random_bytes(8)", "uuid_generate_v1()", "gen_salt('bf')"):
            with pytest.raises(psycopg.errors.FeatureNotSupported, match="stand-in"):
                shadow.execute(f"SELECT {call}".encode())
        volatile = "SELECT provolatile::text FROM pg_proc WHERE proname IN ('digest', 'hmac', 'uuid_generate_v5')"
        assert set(values(shadow, volatile)) == {"i"}


def test_a_schema_that_needs_them_is_compared_with_its_migrations(settings: Settings, tmp_path: Path) -> None:
    sides = Sides(tmp_path / "schema.prisma", {"schema.prisma": SCHEMA}, (Migration("01", CREATED),))
    assert differences(sides, settings) == ()
    changed = SCHEMA.replace("gen_random_bytes(16)", "gen_random_bytes(32)")
    [found] = differences(Sides(sides.path, {"schema.prisma": changed}, sides.migrations), settings)
    assert found.told == 'ALTER TABLE "Token" ALTER COLUMN "secret" SET DEFAULT gen_random_bytes(32);'
