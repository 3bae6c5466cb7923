// Drizzle on node-postgres: 0.45 and 1.0-rc (with its generated row readers), prepared or not.
import pg from 'pg'

const BATCH = 5000

export const open = async (variant, connection, clients) => {
  const isNext = variant.includes('next')
  const isPrepared = variant.endsWith('prepared')
  const name = isNext ? 'drizzle-orm-next' : 'drizzle-orm'
  const { eq, desc, sql } = await import(name)
  const { pgTable, uuid, text, jsonb, integer, timestamp } = await import(`${name}/pg-core`)
  const { drizzle } = await import(`${name}/node-postgres`)
  const pool = new pg.Pool({ ...connection, max: clients })
  const db = isNext ? drizzle({ client: pool, jit: true }) : drizzle(pool)
  const columns = () => ({
    id: uuid('id').primaryKey(),
    userId: uuid('user_id').notNull(),
    sessionId: text('session_id').notNull(),
    eventType: text('event_type').notNull(),
    payload: jsonb('payload').notNull(),
    duration: integer('duration').notNull(),
    createdAt: timestamp('created_at', { precision: 3 }).notNull(),
  })
  const logs = pgTable('behavior_logs', columns())
  const newLogs = pgTable('new_logs', columns())
  const users = pgTable('users', { id: uuid('id').primaryKey(), email: text('email').notNull(), role: text('role').notNull() })
  const events = pgTable('event_types', {
    code: text('code').primaryKey(),
    category: text('category').notNull(),
    weight: integer('weight').notNull(),
  })
  const read = (user) => db.select().from(logs).where(eq(logs.userId, user)).orderBy(desc(logs.createdAt)).limit(1000)
  const point = (key) => db.select().from(logs).where(eq(logs.id, key))
  const join = (event) =>
    db
      .select({
        id: logs.id,
        duration: logs.duration,
        createdAt: logs.createdAt,
        email: users.email,
        role: users.role,
        code: events.code,
        category: events.category,
        weight: events.weight,
      })
      .from(logs)
      .innerJoin(users, eq(users.id, logs.userId))
      .innerJoin(events, eq(events.code, logs.eventType))
      .where(eq(logs.eventType, event))
      .orderBy(desc(logs.createdAt))
      .limit(200)
  const insert = async (rows) => {
    if (rows.length <= BATCH) return void (await db.insert(newLogs).values(rows))
    await db.transaction(async (tx) => {
      for (let at = 0; at < rows.length; at += BATCH) await tx.insert(newLogs).values(rows.slice(at, at + BATCH))
    })
  }
  if (!isPrepared) {
    return { read: async (user) => await read(user), point: async (key) => (await point(key))[0], join: async (event) => await join(event), insert }
  }
  const given = sql.placeholder('given')
  const [prepared, one, three] = [read(given).prepare('read'), point(given).prepare('point'), join(given).prepare('join')]
  return {
    read: async (user) => await prepared.execute({ given: user }),
    point: async (key) => (await one.execute({ given: key }))[0],
    join: async (event) => await three.execute({ given: event }),
    insert,
  }
}
