-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "mood of a person" AS ENUM ('HAPPY', 'not happy');

-- CreateTable
CREATE TABLE "Plain" (
    "id" INTEGER NOT NULL,
    "string" TEXT NOT NULL,
    "boolean" BOOLEAN,
    "int" INTEGER NOT NULL,
    "bigInt" BIGINT,
    "float" DOUBLE PRECISION NOT NULL,
    "decimal" DECIMAL(65,30),
    "dateTime" TIMESTAMP(3) NOT NULL,
    "json" JSONB,
    "bytes" BYTEA NOT NULL,
    "strings" TEXT[],
    "booleans" BOOLEAN[],
    "ints" INTEGER[],
    "bigInts" BIGINT[],
    "floats" DOUBLE PRECISION[],
    "decimals" DECIMAL(65,30)[],
    "times" TIMESTAMP(3)[],
    "jsons" JSONB[],
    "byteas" BYTEA[],

    CONSTRAINT "Plain_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Native" (
    "id" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "varChar" VARCHAR NOT NULL,
    "varChar255" VARCHAR(255),
    "char" CHAR NOT NULL,
    "char8" CHAR(8) NOT NULL,
    "bit" BIT NOT NULL,
    "bit4" BIT(4) NOT NULL,
    "varBit" VARBIT NOT NULL,
    "varBit9" VARBIT(9),
    "uuid" UUID NOT NULL,
    "xml" XML NOT NULL,
    "inet" INET NOT NULL,
    "boolean" BOOLEAN NOT NULL,
    "smallInt" SMALLINT NOT NULL,
    "oid" OID NOT NULL,
    "bigInt" BIGINT NOT NULL,
    "real" REAL NOT NULL,
    "double" DOUBLE PRECISION NOT NULL,
    "decimal" DECIMAL NOT NULL,
    "decimal122" DECIMAL(12,2) NOT NULL,
    "money" MONEY NOT NULL,
    "timestamp" TIMESTAMP NOT NULL,
    "timestamp6" TIMESTAMP(6) NOT NULL,
    "zoned" TIMESTAMPTZ NOT NULL,
    "zoned0" TIMESTAMPTZ(0),
    "date" DATE NOT NULL,
    "time" TIME NOT NULL,
    "time2" TIME(2) NOT NULL,
    "zonedTime" TIMETZ NOT NULL,
    "zonedTime4" TIMETZ(4),
    "json" JSON NOT NULL,
    "jsonB" JSONB NOT NULL,
    "byteA" BYTEA NOT NULL,

    CONSTRAINT "Native_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "NativeLists" (
    "id" INTEGER NOT NULL,
    "varChars" VARCHAR(30)[],
    "uuids" UUID[],
    "decimals" DECIMAL(5,2)[],
    "zoned" TIMESTAMPTZ(3)[],
    "dates" DATE[],
    "smallInts" SMALLINT[],
    "reals" REAL[],
    "jsons" JSON[],
    "moods" "mood of a person"[],
    "mood" "mood of a person" NOT NULL,
    "maybeMood" "mood of a person",

    CONSTRAINT "NativeLists_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Foreign" (
    "id" INTEGER NOT NULL,
    "document" tsvector,
    "place" point NOT NULL,
    "ranges" int4range[],
    "lasts" interval,
    "seconds" interval day to second(3),
    "zoned" timestamp(3) with time zone,
    "words" character varying(20),
    "code" "char",
    "document2" tsvector NOT NULL DEFAULT to_tsvector('simple'::regconfig, ''::text),

    CONSTRAINT "Foreign_pkey" PRIMARY KEY ("id")
);
