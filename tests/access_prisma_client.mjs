// Prisma's client behind a pipe: a request a line on stdin, an answer a line on stdout, both JSON.
// Arguments: the folder that holds node_modules, a schema's file, what node-postgres needs to connect (JSON).
// What `prisma generate` writes is made here of the same parts, so that no command of Prisma's is needed.
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import readline from 'node:readline'

const [folder, file, connection] = process.argv.slice(2)
const require = createRequire(path.join(folder, 'package.json'))
const { getPrismaClient } = require('@prisma/client/runtime/client')
const { PrismaPg } = require('@prisma/adapter-pg')
const language = require('@prisma/prisma-schema-wasm')
const compiler = path.join(folder, 'node_modules/@prisma/client/runtime/query_compiler_fast_bg.postgresql')

const schema = fs.readFileSync(file, 'utf8')
const asked = JSON.stringify({ prismaSchema: [['schema.prisma', schema]], noColor: true })
const { datamodel } = JSON.parse(language.get_dmmf(asked))
const byName = several => Object.fromEntries(several.map(({ name, ...rest }) => [name, rest]))
const Client = getPrismaClient({
  previewFeatures: [],
  clientVersion: require('@prisma/client/package.json').version,
  engineVersion: '',
  activeProvider: 'postgresql',
  inlineSchema: schema,
  runtimeDataModel: { models: byName(datamodel.models), enums: byName(datamodel.enums), types: byName(datamodel.types) },
  parameterizationSchema: { strings: [], graph: 'AAAA' }, // a graph without nodes: every query is planned anew
  compilerWasm: {
    getRuntime: async () => require(compiler + '.js'),
    getQueryCompilerWasmModule: async () =>
      new WebAssembly.Module(Buffer.from(require(compiler + '.wasm-base64.js').wasm, 'base64')),
    importName: './query_compiler_fast_bg.js',
  },
})
const client = new Client({ adapter: new PrismaPg({ ...JSON.parse(connection), max: 1 }), errorFormat: 'minimal' })

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { model, action, args } = JSON.parse(line)
  let answer
  try {
    answer = { result: await client[model][action](args) }
  } catch (error) {
    answer = { error: error.message, code: error.code ?? null, kind: error.name }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
await client.$disconnect()
