// The process of a contender on Node; commands and answers are those of ../worker.py.
import crypto from 'node:crypto'
import readline from 'node:readline'

const [variant, connection, users, logs] = [
  process.argv[2],
  JSON.parse(process.argv[3]),
  Number(process.argv[4]),
  Number(process.argv[5]),
]
const CLIENTS = 20
const EVENTS = 20
const BASE = Date.UTC(2026, 5, 1)
const INSERTS = { insert_1k: 1000, insert_10k: 10000 }

const keyOf = (kind, number) => {
  const digest = crypto.createHash('md5').update(`${kind}${number}`).digest('hex')
  return [8, 4, 4, 4, 12].reduce(([at, parts], size) => [at + size, [...parts, digest.slice(at, at + size)]], [0, []])[1].join('-')
}
const payloadOf = (number) => ({
  page: `/products/${number % 997}`,
  ref: `https://example.org/r/${number % 31}`,
  n: number,
  ok: number % 2 === 0,
  ab: { exp: `x${number % 12}`, variant: number % 3 },
  tags: [`a${number % 5}`, 'b'],
})
const newRows = (count) =>
  Array.from({ length: count }, (_, number) => ({
    id: keyOf('new', number),
    userId: keyOf('user', number % users),
    sessionId: `session-${number}`,
    eventType: `event_${number % EVENTS}`,
    payload: payloadOf(number),
    duration: number % 9999,
    createdAt: new Date(BASE + number * 1000),
  }))

const userIds = Array.from({ length: users }, (_, number) => keyOf('user', number))
const ids = Array.from({ length: 5000 }, (_, number) => keyOf('log', (number * 7919) % (users * logs)))
const rows = Object.fromEntries(Object.entries(INSERTS).map(([name, count]) => [name, newRows(count)]))

const logLine = (row) => {
  const { page, n, ab, tags } = row.payload
  const told = `${page}|${n}|${ab.variant}|${tags[0]}`
  return `${row.id}|${row.userId}|${row.sessionId}|${row.eventType}|${told}|${row.duration}|${row.createdAt.getTime()}`
}
const joinedLine = (row) =>
  [row.id, row.duration, row.createdAt.getTime(), row.email, row.role, row.code, row.category, row.weight].join('|')
const checksum = (lines) => crypto.createHash('md5').update(lines.join('\n')).digest('hex')

const family = variant.split('-')[0]
const { open } = await import(`./${family}.mjs`)
const contender = await open(variant, connection, CLIENTS)
const joined = contender.joined ?? joinedLine
let turn = 0

const call = (name) => {
  turn += 1
  if (name === 'read') return contender.read(userIds[turn % users])
  if (name === 'point') return contender.point(ids[turn % ids.length])
  if (name === 'join') return contender.join(`event_${turn % EVENTS}`)
  return contender.insert(rows[name])
}

const checked = async (name) => {
  if (name in INSERTS) {
    await contender.insert(rows[name])
    return {}
  }
  if (name === 'join') {
    const found = await contender.join('event_0')
    return { count: found.length, checksum: checksum(found.map(joined)) }
  }
  const found = name === 'read' ? await contender.read(userIds[0]) : [await contender.point(ids[0])]
  return { count: found.length, checksum: checksum(found.map(logLine)) }
}

const clients = async (seconds) => {
  const began = performance.now()
  const end = began + seconds * 1000
  const client = async (_, number) => {
    let done = 0
    for (let at = number * 211; performance.now() < end; at += 1) {
      const key = ids[at % ids.length]
      const row = await contender.point(key)
      if (row.id !== key) throw new Error(`asked for ${key}, got ${row.id}`)
      done += 1
    }
    return done
  }
  const counts = await Promise.all(Array.from({ length: CLIENTS }, client))
  return { operations: counts.reduce((sum, each) => sum + each, 0), seconds: (performance.now() - began) / 1000 }
}

const timed = async (name, times) => {
  const seconds = []
  for (let time = 0; time < times; time += 1) {
    const began = performance.now()
    await call(name)
    seconds.push((performance.now() - began) / 1000)
  }
  return { seconds }
}

const answer = async (command) => {
  if (command.do === 'check') return await checked(command.case)
  if (command.case === 'clients') return await clients(command.seconds)
  return await timed(command.case, command.times)
}

const say = (made) => process.stdout.write(`${JSON.stringify(made)}\n`)
say({ ready: true })
for await (const line of readline.createInterface({ input: process.stdin })) {
  try {
    say(await answer(JSON.parse(line)))
  } catch (error) {
    console.error(error)
    say({ error: String(error?.message ?? error).slice(0, 400) })
  }
}
process.exit(0)
