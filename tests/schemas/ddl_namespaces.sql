-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "base data";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "shop";

-- CreateExtension
CREATE EXTENSION IF NOT EXISTS "citext";

-- CreateExtension
CREATE EXTENSION IF NOT EXISTS "hstore" WITH SCHEMA "public";

-- CreateExtension
CREATE EXTENSION IF NOT EXISTS "pg_trgm";

-- CreateExtension
CREATE EXTENSION IF NOT EXISTS "vector";

-- CreateEnum
CREATE TYPE "shop"."Level" AS ENUM ('GOLD', 'SILVER');

-- CreateEnum
CREATE TYPE "colour" AS ENUM ('RED');

-- CreateTable
CREATE TABLE "base data"."Customer" (
    "id" SERIAL NOT NULL,
    "email" CITEXT NOT NULL,
    "level" "shop"."Level" NOT NULL DEFAULT 'GOLD',
    "levels" "shop"."Level"[] DEFAULT ARRAY['GOLD']::"shop"."Level"[],
    "colour" "colour",

    CONSTRAINT "Customer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "shop"."orders" (
    "id" SERIAL NOT NULL,
    "customerId" INTEGER NOT NULL,
    "secret" TEXT,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Item" (
    "id" INTEGER NOT NULL,

    CONSTRAINT "Item_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "shop"."Legacy" (
    "code" TEXT,
    "note" TEXT,
    "embedding" vector(3)
);

-- CreateTable
CREATE TABLE "base data"."_CustomerToItem" (
    "A" INTEGER NOT NULL,
    "B" INTEGER NOT NULL,

    CONSTRAINT "_CustomerToItem_AB_pkey" PRIMARY KEY ("A","B")
);

-- CreateTable
CREATE TABLE "_ItemToOrder" (
    "A" INTEGER NOT NULL,
    "B" INTEGER NOT NULL,

    CONSTRAINT "_ItemToOrder_AB_pkey" PRIMARY KEY ("A","B")
);

-- CreateIndex
CREATE UNIQUE INDEX "Customer_email_key" ON "base data"."Customer"("email");

-- CreateIndex
CREATE INDEX "orders_customerId_idx" ON "shop"."orders"("customerId");

-- CreateIndex
CREATE INDEX "orders_secret_idx" ON "shop"."orders" USING GIN ("secret" gin_trgm_ops);

-- CreateIndex
CREATE INDEX "_CustomerToItem_B_index" ON "base data"."_CustomerToItem"("B");

-- CreateIndex
CREATE INDEX "_ItemToOrder_B_index" ON "_ItemToOrder"("B");

-- AddForeignKey
ALTER TABLE "shop"."orders" ADD CONSTRAINT "orders_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "base data"."Customer"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "base data"."_CustomerToItem" ADD CONSTRAINT "_CustomerToItem_A_fkey" FOREIGN KEY ("A") REFERENCES "base data"."Customer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "base data"."_CustomerToItem" ADD CONSTRAINT "_CustomerToItem_B_fkey" FOREIGN KEY ("B") REFERENCES "Item"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_ItemToOrder" ADD CONSTRAINT "_ItemToOrder_A_fkey" FOREIGN KEY ("A") REFERENCES "Item"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_ItemToOrder" ADD CONSTRAINT "_ItemToOrder_B_fkey" FOREIGN KEY ("B") REFERENCES "shop"."orders"("id") ON DELETE CASCADE ON UPDATE CASCADE;
