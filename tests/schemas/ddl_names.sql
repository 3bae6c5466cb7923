-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "a table of ours" (
    "the id" INTEGER NOT NULL,
    "it's" TEXT,

    CONSTRAINT "a table of ours_pkey" PRIMARY KEY ("the id")
);

-- CreateTable
CREATE TABLE "OneModelWithAnExtraordinarilyLongNameThatFitsIntoSixtyThreeB" (
    "id" BIGSERIAL NOT NULL,
    "aColumnWithANameThatIsNearlyAsLongAsItsTableIs" INTEGER NOT NULL,
    "quoted" INTEGER NOT NULL,

    CONSTRAINT "OneModelWithAnExtraordinarilyLongNameThatFitsIntoSixtyThre_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AnotherModelWithAnExtraordinarilyLongNameThatFitsIntoSixtyThre" (
    "an identifier that is so long that the sequence's name is cut" SERIAL NOT NULL,

    CONSTRAINT "AnotherModelWithAnExtraordinarilyLongNameThatFitsIntoSixty_pkey" PRIMARY KEY ("an identifier that is so long that the sequence's name is cut")
);

-- CreateTable
CREATE TABLE "Prüfungsbögenänderungsvorschläge für Hörgerätepächter" (
    "id" INTEGER NOT NULL,
    "Größe" INTEGER NOT NULL,
    "ein Wert" INTEGER NOT NULL,

    CONSTRAINT "Prüfungsbögenänderungsvorschläge für Hörgerätepäch_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "表表表表表表表表表表表表表表表表表表表" (
    "id" INTEGER NOT NULL,
    "a" INTEGER NOT NULL,
    "b" INTEGER NOT NULL,

    CONSTRAINT "表表表表表表表表表表表表表表表表表表表_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "_AnotherModelWithAnExtraordinarilyLongNameThatFitsIntoSixtyThre" (
    "A" INTEGER NOT NULL,
    "B" BIGINT NOT NULL,

    CONSTRAINT "_AnotherModelWithAnExtraordinarilyLongNameThatFitsIntoS_AB_pkey" PRIMARY KEY ("A","B")
);

-- CreateIndex
CREATE UNIQUE INDEX "a table of ours_it's_key" ON "a table of ours"("it's");

-- CreateIndex
CREATE INDEX "a table of ours_it's_the id_idx" ON "a table of ours"("it's", "the id");

-- CreateIndex
CREATE UNIQUE INDEX "OneModelWithAnExtraordinarilyLongNameThatFitsIntoSixtyThree_key" ON "OneModelWithAnExtraordinarilyLongNameThatFitsIntoSixtyThreeB"("aColumnWithANameThatIsNearlyAsLongAsItsTableIs");

-- CreateIndex
CREATE UNIQUE INDEX "Prüfungsbögenänderungsvorschläge für Hörgerätepächt_key" ON "Prüfungsbögenänderungsvorschläge für Hörgerätepächter"("ein Wert");

-- CreateIndex
CREATE INDEX "Prüfungsbögenänderungsvorschläge für Hörgerätepächt_idx" ON "Prüfungsbögenänderungsvorschläge für Hörgerätepächter"("Größe", "ein Wert");

-- CreateIndex
CREATE UNIQUE INDEX "表表表表表表表表表表表表表表表表表表表_a_key" ON "表表表表表表表表表表表表表表表表表表表"("a");

-- CreateIndex
CREATE INDEX "表表表表表表表表表表表表表表表表表表表_b_idx" ON "表表表表表表表表表表表表表表表表表表表"("b", "a");

-- CreateIndex
CREATE INDEX "_AnotherModelWithAnExtraordinarilyLongNameThatFitsIntoS_B_index" ON "_AnotherModelWithAnExtraordinarilyLongNameThatFitsIntoSixtyThre"("B");

-- AddForeignKey
ALTER TABLE "OneModelWithAnExtraordinarilyLongNameThatFitsIntoSixtyThreeB" ADD CONSTRAINT "OneModelWithAnExtraordinarilyLongNameThatFitsIntoSixtyThre_fkey" FOREIGN KEY ("quoted") REFERENCES "a table of ours"("the id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_AnotherModelWithAnExtraordinarilyLongNameThatFitsIntoSixtyThre" ADD CONSTRAINT "_AnotherModelWithAnExtraordinarilyLongNameThatFitsIntoSi_A_fkey" FOREIGN KEY ("A") REFERENCES "AnotherModelWithAnExtraordinarilyLongNameThatFitsIntoSixtyThre"("an identifier that is so long that the sequence's name is cut") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_AnotherModelWithAnExtraordinarilyLongNameThatFitsIntoSixtyThre" ADD CONSTRAINT "_AnotherModelWithAnExtraordinarilyLongNameThatFitsIntoSi_B_fkey" FOREIGN KEY ("B") REFERENCES "OneModelWithAnExtraordinarilyLongNameThatFitsIntoSixtyThreeB"("id") ON DELETE CASCADE ON UPDATE CASCADE;
