-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "Sorted" (
    "id" INTEGER NOT NULL,
    "a" TEXT NOT NULL,
    "b" INTEGER NOT NULL,
    "c" INTEGER NOT NULL,

    CONSTRAINT "key of sorted" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Classes" (
    "id" INTEGER NOT NULL,
    "json" JSONB NOT NULL,
    "tags" TEXT[],
    "ip" INET NOT NULL,
    "text" TEXT NOT NULL,
    "number" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "day" DATE NOT NULL,
    "uuid" UUID NOT NULL,
    "bits" VARBIT(8) NOT NULL,
    "char" CHAR(3) NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "Classes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Partial" (
    "id" INTEGER NOT NULL,
    "deleted" TIMESTAMP(3),
    "state" TEXT NOT NULL,

    CONSTRAINT "Partial_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "NoKey" (
    "one" INTEGER NOT NULL,
    "two" INTEGER
);

-- CreateIndex
CREATE UNIQUE INDEX "Sorted_a_key" ON "Sorted"("a");

-- CreateIndex
CREATE UNIQUE INDEX "unique b" ON "Sorted"("b");

-- CreateIndex
CREATE UNIQUE INDEX "Sorted_c_key" ON "Sorted"("c" DESC);

-- CreateIndex
CREATE INDEX "Sorted_a_b_idx" ON "Sorted"("a" DESC, "b");

-- CreateIndex
CREATE INDEX "Sorted_b_c_idx" ON "Sorted"("b", "c" ASC);

-- CreateIndex
CREATE INDEX "Sorted_c_idx" ON "Sorted"("c");

-- CreateIndex
CREATE INDEX "hashed" ON "Sorted" USING HASH ("b");

-- CreateIndex
CREATE INDEX "patterns" ON "Sorted"("a" text_pattern_ops DESC);

-- CreateIndex
CREATE INDEX "usual class" ON "Sorted"("a" text_ops);

-- CreateIndex
CREATE UNIQUE INDEX "Sorted_a_b_key" ON "Sorted"("a", "b");

-- CreateIndex
CREATE UNIQUE INDEX "a downwards" ON "Sorted"("a" DESC, "c");

-- CreateIndex
CREATE INDEX "Classes_json_idx" ON "Classes" USING GIN ("json");

-- CreateIndex
CREATE INDEX "paths" ON "Classes" USING GIN ("json" jsonb_path_ops);

-- CreateIndex
CREATE INDEX "jsonb" ON "Classes" USING GIN ("json" jsonb_ops);

-- CreateIndex
CREATE INDEX "Classes_tags_idx" ON "Classes" USING GIN ("tags" array_ops);

-- CreateIndex
CREATE INDEX "Classes_ip_idx" ON "Classes" USING GIST ("ip" inet_ops);

-- CreateIndex
CREATE INDEX "ip tree" ON "Classes" USING SPGIST ("ip" inet_ops);

-- CreateIndex
CREATE INDEX "Classes_text_idx" ON "Classes" USING SPGIST ("text");

-- CreateIndex
CREATE INDEX "text tree" ON "Classes" USING SPGIST ("text" text_ops);

-- CreateIndex
CREATE INDEX "Classes_number_idx" ON "Classes" USING BRIN ("number");

-- CreateIndex
CREATE INDEX "brin 1" ON "Classes" USING BRIN ("number" int8_minmax_ops);

-- CreateIndex
CREATE INDEX "brin 2" ON "Classes" USING BRIN ("number" int8_bloom_ops);

-- CreateIndex
CREATE INDEX "brin 3" ON "Classes" USING BRIN ("number" int8_minmax_multi_ops);

-- CreateIndex
CREATE INDEX "brin 4" ON "Classes" USING BRIN ("at" timestamptz_minmax_ops);

-- CreateIndex
CREATE INDEX "brin 5" ON "Classes" USING BRIN ("day" date_minmax_multi_ops);

-- CreateIndex
CREATE INDEX "brin 6" ON "Classes" USING BRIN ("uuid" uuid_bloom_ops);

-- CreateIndex
CREATE INDEX "brin 7" ON "Classes" USING BRIN ("bits" varbit_minmax_ops);

-- CreateIndex
CREATE INDEX "brin 8" ON "Classes" USING BRIN ("ip" inet_inclusion_ops);

-- CreateIndex
CREATE INDEX "brin 9" ON "Classes" USING BRIN ("ip" inet_minmax_ops);

-- CreateIndex
CREATE INDEX "brin 10" ON "Classes" USING BRIN ("char" bpchar_bloom_ops);

-- CreateIndex
CREATE INDEX "brin 11" ON "Classes" USING BRIN ("bytes" bytea_minmax_ops);

-- CreateIndex
CREATE INDEX "Partial_state_idx" ON "Partial"("state") WHERE (deleted IS NULL);

-- CreateIndex
CREATE INDEX "some" ON "Partial"("deleted", "state") WHERE (state = 'it''s') OR (deleted IS NULL);

-- CreateIndex
CREATE UNIQUE INDEX "Partial_state_key" ON "Partial"("state") WHERE (deleted IS NULL);

-- CreateIndex
CREATE UNIQUE INDEX "NoKey_one_key" ON "NoKey"("one");

-- CreateIndex
CREATE UNIQUE INDEX "both" ON "NoKey"("one", "two");
