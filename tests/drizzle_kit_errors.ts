// The tables of drizzle_kit_errors.sql, written by hand, as Drizzle's manual has it.
import { sql } from "drizzle-orm";
import {
  bigint,
  customType,
  foreignKey,
  index,
  integer,
  pgEnum,
  pgSchema,
  pgTable,
  primaryKey,
  serial,
  smallserial,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";

const columns = { a: integer("a").notNull(), b: integer("b").notNull() };
export const forth = pgTable("forth", columns, (table) => [
  primaryKey({ name: "forth_key", columns: [table.a, table.b] }),
]);
export const back = pgTable("back", columns, (table) => [
  primaryKey({ name: "back_key", columns: [table.b, table.a] }),
]);
export const refers = pgTable(
  "refers",
  { x: integer("x"), y: integer("y") },
  (table) => [
    foreignKey({
      name: "refers_key",
      columns: [table.y, table.x],
      foreignColumns: [back.b, back.a],
    }),
  ],
);

export const referred = pgTable("referred", { a: integer("a") }, (table) => [
  uniqueIndex("referred_key").on(table.a),
]);
export const refersToo = pgTable("refers_too", { a: integer("a") }, (table) => [
  foreignKey({
    name: "refers_too_key",
    columns: [table.a],
    foreignColumns: [referred.a],
  }),
]);

export const list = pgTable("list", { a: text("a").array().default(["x"]) });

export const mood = pgEnum("Mood", ["fine"]);
export const moods = pgTable("moods", { a: mood("a").array() });

export const other = pgSchema("other");
export const T = other.table("T", { id: serial("id").primaryKey() });

export const sum = pgTable("sum", { a: integer("a").default(sql`1 + 1`) });

export const big = pgTable("big", {
  a: bigint("a", { mode: "bigint" }).default(sql`5`), // 5n ends drizzle-kit
});

export const apostrophe = pgTable("apostrophe", {
  its: smallserial("it's").notNull(),
});

const letters = customType<{ data: string }>({ dataType: () => '"char"' });
export const letter = pgTable("letter", { a: letters("a") });

export const sorted = pgTable("sorted", { a: text("a") }, (table) => [
  index("sorted_index").on(table.a.desc().nullsFirst().op("text_pattern_ops")),
]);

export const unseen = pgTable("unseen", {
  a: timestamp("a", { precision: 3 }).notNull(),
});
