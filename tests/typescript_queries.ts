// A Drizzle and a Kysely query over the sample application, and every relation of it; prints JSON.
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import * as schema from "./edfinance.drizzle.js";
import type { DB } from "./edfinance.kysely.js";

const pool = new pg.Pool(JSON.parse(process.argv[2]!));
const db = drizzle(pool, { schema });
const kysely = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });

const [mentor] = await db
  .insert(schema.user)
  .values({ email: "m@example.org", passwordHash: "x", name: { en: "M" }, role: "MENTOR" })
  .returning();
const student = await kysely
  .insertInto("users")
  .values({
    email: "s@example.org",
    password_hash: "x",
    name: JSON.stringify({ en: "S" }),
    referred_by_id: mentor!.id,
    updated_at: new Date(0),
  })
  .returning(["id", "role", "created_at", "name"])
  .executeTakeFirstOrThrow();
await db.insert(schema.course).values({ slug: "c", title: {}, category: "k", price: "12.30" });
const price: string = (await kysely.selectFrom("courses").select("price").executeTakeFirstOrThrow()).price;
await db.update(schema.user).set({ points: 7 }).where(eq(schema.user.id, student.id));
const touched = await db.query.user.findFirst({
  where: eq(schema.user.id, student.id),
  with: { referredBy: true, referrals: true, wallet: true },
});
const relations: string[] = [];
const queries = db.query as Record<string, { findMany(options: object): Promise<object[]> }>;
const tables = db._.schema as Record<string, { relations: object }>;
for (const [name, query] of Object.entries(queries)) {
  const ends = Object.keys(tables[name]!.relations);
  await query.findMany({ with: Object.fromEntries(ends.map((each) => [each, true])) });
  relations.push(...ends.map((each) => `${name}.${each}`));
}
console.log(
  JSON.stringify({
    price,
    role: student.role,
    created: student.created_at instanceof Date,
    name: student.name,
    referrer: touched!.referredBy!.email,
    wallet: touched!.wallet,
    points: touched!.points,
    touched: touched!.updatedAt.getTime() > 0,
    relations: relations.length,
  }),
);
await pool.end();
