// Kysely on node-postgres, with its plugin for camel case.
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

const BATCH = 5000

export const open = async (_variant, connection, clients) => {
  const db = new Kysely({
    dialect: new PostgresDialect({ pool: new pg.Pool({ ...connection, max: clients }) }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })
  return {
    read: async (user) =>
      await db.selectFrom('behaviorLogs').selectAll().where('userId', '=', user).orderBy('createdAt', 'desc').limit(1000).execute(),
    point: async (key) => await db.selectFrom('behaviorLogs').selectAll().where('id', '=', key).executeTakeFirst(),
    join: async (event) =>
      await db
        .selectFrom('behaviorLogs as l')
        .innerJoin('users as u', 'u.id', 'l.userId')
        .innerJoin('eventTypes as e', 'e.code', 'l.eventType')
        .select(['l.id', 'l.duration', 'l.createdAt', 'u.email', 'u.role', 'e.code', 'e.category', 'e.weight'])
        .where('l.eventType', '=', event)
        .orderBy('l.createdAt', 'desc')
        .limit(200)
        .execute(),
    insert: async (rows) => {
      if (rows.length <= BATCH) return void (await db.insertInto('newLogs').values(rows).execute())
      await db.transaction().execute(async (tx) => {
        for (let at = 0; at < rows.length; at += BATCH) {
          await tx.insertInto('newLogs').values(rows.slice(at, at + BATCH)).execute()
        }
      })
    },
  }
}
