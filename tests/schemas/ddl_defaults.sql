-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "role" AS ENUM ('ADMIN', 'a guest');

-- CreateTable
CREATE TABLE "Literals" (
    "id" SERIAL NOT NULL,
    "text" TEXT NOT NULL DEFAULT 'it''s "quoted" \ and
long',
    "empty" TEXT NOT NULL DEFAULT '',
    "yes" BOOLEAN NOT NULL DEFAULT true,
    "no" BOOLEAN DEFAULT false,
    "int" INTEGER NOT NULL DEFAULT -7,
    "zeros" INTEGER NOT NULL DEFAULT 7,
    "big" BIGINT NOT NULL DEFAULT 9007199254740993,
    "float" DOUBLE PRECISION NOT NULL DEFAULT 1.50,
    "wholeF" DOUBLE PRECISION NOT NULL DEFAULT 3,
    "decimal" DECIMAL(65,30) NOT NULL DEFAULT 12.3400,
    "decimalS" DECIMAL(65,30) NOT NULL DEFAULT 1500,
    "price" DECIMAL(12,2) NOT NULL DEFAULT 0,
    "at" TIMESTAMP(3) NOT NULL DEFAULT '2024-02-29 12:30:00.500 +00:00',
    "atZone" TIMESTAMPTZ(6) NOT NULL DEFAULT '1999-12-31 23:59:59 +05:30',
    "day" DATE NOT NULL DEFAULT '2020-01-01 00:00:00 +00:00',
    "micros" TIMESTAMP(6) NOT NULL DEFAULT '2020-01-01 00:00:00.123456 +00:00',
    "json" JSONB NOT NULL DEFAULT '{"a": [1, "it''s"]}',
    "jsonPlain" JSON NOT NULL DEFAULT '[]',
    "bytes" BYTEA NOT NULL DEFAULT '\x68656c6c6f',
    "noBytes" BYTEA NOT NULL DEFAULT '\x',
    "uuid" UUID NOT NULL DEFAULT '9f9f9f9f-9f9f-4f9f-9f9f-9f9f9f9f9f9f',
    "inet" INET NOT NULL DEFAULT '10.0.0.1',
    "bits" BIT(4) NOT NULL DEFAULT '1010',
    "role" "role" NOT NULL DEFAULT 'ADMIN',
    "roleMaybe" "role" DEFAULT 'a guest',

    CONSTRAINT "Literals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Lists" (
    "id" SMALLSERIAL NOT NULL,
    "strings" TEXT[] DEFAULT ARRAY['a', 'it''s, well']::TEXT[],
    "none" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "booleans" BOOLEAN[] DEFAULT ARRAY[true, false]::BOOLEAN[],
    "ints" INTEGER[] DEFAULT ARRAY[1, -2]::INTEGER[],
    "bigs" BIGINT[] DEFAULT ARRAY[9007199254740993]::BIGINT[],
    "floats" DOUBLE PRECISION[] DEFAULT ARRAY[1.5, 2]::DOUBLE PRECISION[],
    "decimals" DECIMAL(5,2)[] DEFAULT ARRAY[1.50, 2]::DECIMAL(5,2)[],
    "times" TIMESTAMP(3)[] DEFAULT ARRAY['2020-01-01 00:00:00 +00:00']::TIMESTAMP(3)[],
    "jsons" JSONB[] DEFAULT ARRAY['{}', '[1]']::JSONB[],
    "bytes" BYTEA[] DEFAULT ARRAY['\x68656c6c6f']::BYTEA[],
    "roles" "role"[] DEFAULT ARRAY['ADMIN', 'a guest']::"role"[],
    "noRoles" "role"[] DEFAULT ARRAY[]::"role"[],

    CONSTRAINT "Lists_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Made" (
    "id" BIGSERIAL NOT NULL,
    "now" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "nowZone" TIMESTAMPTZ(6) DEFAULT CURRENT_TIMESTAMP,
    "today" DATE NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated" TIMESTAMP(3) NOT NULL,
    "both" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "uuid" TEXT NOT NULL,
    "uuid7" UUID NOT NULL,
    "cuid" TEXT NOT NULL,
    "cuid2" TEXT NOT NULL,
    "ulid" TEXT NOT NULL,
    "nanoid" TEXT NOT NULL,
    "nanoid9" TEXT NOT NULL,
    "random" UUID NOT NULL DEFAULT gen_random_uuid(),
    "unknown" TEXT NOT NULL,
    "sum" INTEGER NOT NULL DEFAULT 1 + 1,
    "words" TEXT[] DEFAULT ARRAY['a'::text, 'b'::text],
    "numbered" SERIAL NOT NULL,

    CONSTRAINT "Made_pkey" PRIMARY KEY ("id")
);
