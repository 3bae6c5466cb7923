// Prisma's schema engine behind a pipe: a request a line on stdin, an answer a line on stdout, both JSON.
// Argument: the folder that holds node_modules. Started by prisma_engine.py, which documents the requests.
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import readline from 'node:readline'
import { pathToFileURL } from 'node:url'

const folder = process.argv[2]
const require = createRequire(path.join(folder, 'package.json'))
const pg = require('pg')
const { PrismaPg } = require('@prisma/adapter-pg')
const { bindMigrationAwareSqlAdapterFactory } = require('@prisma/driver-adapter-utils')
const language = require('@prisma/prisma-schema-wasm')

const engineFolder = path.join(folder, 'node_modules/@prisma/schema-engine-wasm')
const engine = await import(pathToFileURL(path.join(engineFolder, 'schema_engine_bg.js')))
const wasm = new WebAssembly.Module(fs.readFileSync(path.join(engineFolder, 'schema_engine_bg.wasm')))
const instance = new WebAssembly.Instance(wasm, { './schema_engine_bg.js': engine })
engine.__wbg_set_wasm(instance.exports)
instance.exports.__wbindgen_start()


// A panic leaves a promise that never settles: tell of it and end.
let panic
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message (text) { panic = text } }
process.on('uncaughtException', error => {
  fs.writeSync(1, JSON.stringify({ error: `Prisma panicked: ${panic ?? error}`, code: null }) + '\n')
  process.exit(1)
})

// Catalogs have columns of the types "char" and name[], which the adapter does not know and the engine expects.
const CHAR = 18
const known = { [CHAR]: 1042, 1003: 1009 }
const CHARACTER = 6

async function asCharacters (adapter, query) {
  const one = Object.create(adapter)
  let characters = []
  one.performIO = async sent => {
    const result = await Object.getPrototypeOf(adapter).performIO.call(adapter, sent)
    characters = result.fields.map(field => field.dataTypeID === CHAR)
    for (const field of result.fields) field.dataTypeID = known[field.dataTypeID] ?? field.dataTypeID
    return result
  }
  const answer = await Object.getPrototypeOf(adapter).queryRaw.call(one, query)
  answer.columnTypes = answer.columnTypes.map((type, i) => characters[i] ? CHARACTER : type)
  return answer
}

// The adapter splits a script at every semicolon; the native engine sends it whole, and so do we.
function suited (adapter, pool) {
  adapter.queryRaw = query => asCharacters(adapter, query)
  adapter.executeScript = async script => { try { await pool.query(script) } catch (error) { adapter.onError(error) } }
  return adapter
}

class Factory extends PrismaPg {
  pools = []

  pool (database) {
    const pool = new pg.Pool({ ...this.config, max: 1, database: database ?? this.config.database })
    pool.on('error', () => {}) // a shadow database that is dropped takes its connection along
    this.pools.push(pool)
    return pool
  }

  async adapter (pool, end) {
    const inner = new PrismaPg(pool, { disposeExternalPool: false })
    const adapter = suited(await inner.connect(), pool)
    adapter.dispose = end
    return adapter
  }

  async connect () {
    const pool = this.pool()
    return this.adapter(pool, async () => {})
  }

  async connectToShadowDb () {
    const name = `prisma_migrate_shadow_db_${crypto.randomUUID()}`
    const administration = this.pool()
    await administration.query(`CREATE DATABASE "${name}" TEMPLATE template0`)
    const pool = this.pool(name)
    return this.adapter(pool, async () => { await administration.query(`DROP DATABASE "${name}" WITH (FORCE)`) })
  }

  async end () { await Promise.all(this.pools.map(pool => pool.end().catch(() => {}))) }
}

// An engine asks for the server's version before anything else; a diff of texts then needs no database.
const nowhere = {
  provider: 'postgres',
  adapterName: 'nowhere',
  queryRaw: async () => ({
    columnNames: ['exists', 'version', 'numeric_version'],
    columnTypes: [5, 7, 0],
    rows: [[true, 'PostgreSQL 18.0', 180000]]
  }),
  executeRaw: async () => { throw new Error('this needs a database') },
  executeScript: async () => { throw new Error('this needs a database') },
  startTransaction: async () => { throw new Error('this needs a database') },
  getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
  dispose: async () => {}
}
const start = (datamodels, factory) =>
  engine.SchemaEngine.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(factory))
let offline

async function ask ({ connection, datamodels, method, params }) {
  if (method === 'validate') return language.validate(JSON.stringify({ prismaSchema: params.files, noColor: true })) ?? null
  if (method === 'format') return language.format(JSON.stringify(params.files), JSON.stringify(params.options))
  if (method === 'dmmf') return JSON.parse(language.get_dmmf(JSON.stringify({ prismaSchema: params.files, noColor: true })))
  if (!connection) {
    offline ??= await start(undefined, { ...nowhere, connect: async () => nowhere, connectToShadowDb: async () => nowhere })
    return await offline[method](params)
  }
  const factory = new Factory(connection)
  try {
    const started = await start(datamodels, factory)
    if (method === 'createMigration') { // it wants to be asked what `migrate dev` asks first
      const { migrationsList, schema, filters } = params
      await started.devDiagnostic({ migrationsList, filters })
      await started.applyMigrations({ migrationsList, filters })
      await started.evaluateDataLoss({ migrationsList, schema, filters })
    }
    return await started[method](params)
  } finally {
    await factory.end()
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  let answer
  try {
    answer = { result: await ask(JSON.parse(line)) ?? null }
  } catch (error) {
    answer = { error: String(error?.message ?? error), code: error?.code ?? null }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
process.exit(0)
