import { execFile } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTemporaryFolder } from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import manifest from '../packages/client/package.json' with { type: 'json' }
import type {} from './wrong-use/catalogue.ts'
import type {} from './wrong-use/client.ts'
import type {} from './wrong-use/express.ts'
import type {} from './wrong-use/fastify.ts'
import type {} from './wrong-use/hono.ts'
import type {} from './wrong-use/koa.ts'
import type {} from './wrong-use/nest.ts'
import type {} from './wrong-use/outbox.ts'

const root = join(import.meta.dirname, '..')
const folder = join(import.meta.dirname, 'wrong-use')
const files = readdirSync(folder)
const temporary = createTemporaryFolder()
afterAll(() => temporary[Symbol.dispose]())

/** @returns what the compiler has against the files in a folder, one complaint a line */
async function compile(include: string, compilerOptions: object): Promise<readonly string[]> {
  const project = join(temporary.path, 'tsconfig.json')
  const config = { extends: join(root, 'tsconfig.json'), include: [include], compilerOptions }
  writeFileSync(project, JSON.stringify(config))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const compiled = promisify(execFile)(process.execPath, [tsc, '-p', project])
  const { stdout } = await compiled.catch((failed: { readonly stdout: string }) => failed)
  return stdout.split('\n').filter((line) => /: error |^error /.test(line))
}

/** @returns where an error is expected: `client.ts(10` */
const findExpectations = (name: string): readonly string[] =>
  readFileSync(join(folder, name), 'utf8')
    .split('\n')
    .flatMap((line, at) => (line.includes('// @ts-expect-error ') ? `${name}(${at + 1}` : []))

test('wrong use does not compile, and the right use beside it does', async () => {
  expect(files.length).toBeGreaterThan(2)
  expect(await compile(folder, { typeRoots: [join(root, 'node_modules/@types')] })).toEqual([])
})

test('does that see anything? With a client that takes anything, every one of them compiles', async () => {
  const loose = join(temporary.path, 'loose')
  cpSync(folder, loose, { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(temporary.path, 'node_modules'))
  const subpaths = Object.keys(manifest.exports).map((path) => `@indelible/client${path.slice(1)}`)
  const any = subpaths.map((name) => `declare module '${name}'`)
  writeFileSync(join(loose, 'any.d.ts'), any.join('\n'))
  // What a route of Fastify says stands in Fastify's own type.
  const config = "import 'fastify'\ndeclare module 'fastify' {"
  const audit = 'interface FastifyContextConfig { audit?: any } }'
  writeFileSync(join(loose, 'any-config.d.ts'), `${config} ${audit}`)
  const complaints = await compile(loose, { noImplicitAny: false })
  const unused = complaints.flatMap((line) => {
    const [, place] = /([\w-]+\.ts\(\d+),\d+\): error TS2578/.exec(line) ?? []
    return place ?? []
  })
  expect(unused.sort()).toEqual(files.flatMap(findExpectations).sort())
})
