// Prisma 7: the client that its own generator made of schema.prisma, over its adapter for node-postgres.
import { PrismaPg } from '@prisma/adapter-pg'
import client from './client/index.js'

export const open = async (_variant, connection, clients) => {
  const db = new client.PrismaClient({ adapter: new PrismaPg({ ...connection, max: clients }) })
  await db.$connect()
  return {
    read: async (userId) => await db.behaviorLog.findMany({ where: { userId }, orderBy: { createdAt: 'desc' }, take: 1000 }),
    point: async (id) => await db.behaviorLog.findUnique({ where: { id } }),
    join: async (eventType) =>
      await db.behaviorLog.findMany({
        where: { eventType },
        orderBy: { createdAt: 'desc' },
        take: 200,
        select: {
          id: true,
          duration: true,
          createdAt: true,
          user: { select: { email: true, role: true } },
          event: { select: { code: true, category: true, weight: true } },
        },
      }),
    joined: ({ id, duration, createdAt, user, event }) =>
      [id, duration, createdAt.getTime(), user.email, user.role, event.code, event.category, event.weight].join('|'),
    insert: async (data) => void (await db.newLog.createMany({ data })),
  }
}
