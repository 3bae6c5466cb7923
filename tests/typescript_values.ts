// What Drizzle's file fills in by itself, and what the database does; prints JSON.
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import * as schema from "./ddl_defaults.drizzle.js";

const pool = new pg.Pool(JSON.parse(process.argv[2]!));
const db = drizzle(pool, { schema });

const made = await db.insert(schema.made).values([{}, {}]).returning();
const [literal] = await db.insert(schema.literals).values({}).returning();
const [list] = await db.insert(schema.lists).values({}).returning();
const written = { bytes: Uint8Array.of(0, 255), at: new Date(86400000) };
const [other] = await db.insert(schema.literals).values(written).returning();
console.log(
  JSON.stringify(
    { made, literal, list, bytes: [...other!.bytes], at: other!.at },
    (_, value) => (typeof value === "bigint" ? `${value}n` : value),
  ),
);
await pool.end();
