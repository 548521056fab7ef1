import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  askDatabase,
  createTemporaryFolder,
  startPostgres,
  startTestServer,
  type TestServer,
  testRootKey,
} from '@indelible/testkit'
import pg from 'pg'
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { startIngest } from './testing/start-ingest.ts'

const postgres = await startPostgres()
afterAll(() => postgres[Symbol.asyncDispose]())

/** Of each test, its own. */
let indelible: TestServer

beforeEach(async () => {
  indelible = await startTestServer()
  onTestFinished(async () => indelible[Symbol.asyncDispose]())
})

const main = join(import.meta.dirname, 'main.ts')

/** Runs `main.ts` as a person does, and waits until it has introduced itself. */
async function startMain(environment: Readonly<Record<string, string>>) {
  const folder = createTemporaryFolder()
  const child = spawnMain(folder.path, {
    PORT: '0',
    DATA_FOLDER: folder.path,
    INDELIBLE_URL: indelible.url,
    INDELIBLE_KEY: testRootKey,
    LOG_LEVEL: 'error',
    ...environment,
  })
  const ended = once(child, 'exit')
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk
      if (said.includes('/audit\n')) resolve()
    })
    ended.then(() => reject(new Error(`It ended: ${said}`)), reject)
  })
  return {
    child,
    ended,
    url: /http:\/\/[\d.]+:\d+/.exec(said)?.[0] ?? '',
    /** Everything it wrote so far. */
    said: () => said,
    folder: folder.path,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
      folder[Symbol.dispose]()
    },
  }
}

function spawnMain(cwd: string, environment: Readonly<Record<string, string>>): ChildProcess {
  const env = { PATH: process.env.PATH, ...environment }
  return spawn(process.execPath, [main], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** What README.md and `main.ts` use of curl, so that no test needs one. */
const curl = `
const values = { '-w': '', '-H': [], '-X': undefined, '-d': undefined }
let url
for (let args = process.argv.slice(2); args.length > 0; ) {
  const [name] = args.splice(0, 1)
  if (name === '-s') continue
  if (!name.startsWith('-')) url = name
  else if (name === '-H') values['-H'].push(args.splice(0, 1)[0].split(/: */))
  else if (name in values) values[name] = args.splice(0, 1)[0]
  else throw new Error('curl: ' + name)
}
const method = values['-X'] ?? (values['-d'] === undefined ? 'GET' : 'POST')
const response = await fetch(url, { method, headers: values['-H'], body: values['-d'] })
console.error(method, new URL(url).pathname, response.status)
process.stdout.write(await response.text() + values['-w'].replace('\\\\n', '\\n'))
`

/** Runs a shell's lines. @returns what they wrote, and each request with its status */
async function runShell(lines: string, cwd: string) {
  using folder = createTemporaryFolder()
  writeFileSync(join(folder.path, 'curl.mjs'), curl)
  const command = `#!/bin/sh\nexec '${process.execPath}' '${join(folder.path, 'curl.mjs')}' "$@"\n`
  writeFileSync(join(folder.path, 'curl'), command, { mode: 0o755 })
  const env = { PATH: `${folder.path}:${process.env.PATH}` }
  const child = spawn('sh', ['-ec', lines], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { answers: output.trim().split('\n'), requests: errors.trim().split('\n') }
}

test('README’s session works as it stands', async () => {
  await using app = await startMain({ DATABASE_URL: await postgres.createDatabase() })
  // As if in a clone, on the default port.
  const data = join(app.folder, 'examples/user-profiles/indelible-data')
  mkdirSync(data, { recursive: true })
  writeFileSync(join(data, 'api-key'), readFileSync(join(app.folder, 'api-key')))
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const [start = '', ...blocks] = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map(
    (match) => match[1] ?? '',
  )
  expect(start.trim()).toBe('npm start -w examples/user-profiles')

  const session = blocks.join('').replace('http://127.0.0.1:3002', app.url)
  const { answers, requests } = await runShell(session, app.folder)
  expect(requests).toEqual([
    ...['POST /users 201', 'PUT /users/1 200', 'POST /users 400', 'POST /users 409'],
    ...['GET /users 200', 'DELETE /users/1 204', 'GET /users/1 404', 'DELETE /users/1 401'],
    ...['GET /audit 200', 'GET /audit 200', 'GET /audit 200', 'GET /audit 200'],
  ])
  const trail = JSON.parse(answers.at(-4) ?? '').entries
  expect(trail.map((row: { operation: string }) => row.operation)).toEqual([
    ...['DELETE', 'UPDATE', 'CREATE'],
  ])
  const example = JSON.parse(/^```json\n(.*?)^```/ms.exec(readme)?.[1] ?? '')
  const { operation, previous_data, new_data, patch, user_id, actor } = example
  expect(trail[1]).toMatchObject({ operation, previous_data, new_data, patch, user_id, actor })
  expect(Object.keys(trail[1])).toEqual(Object.keys(example))
})

test('what it prints at start can be pasted', async () => {
  await using app = await startMain({ DATABASE_URL: await postgres.createDatabase() })
  const lines = app.said().slice(app.said().indexOf('  KEY='))
  const { answers, requests } = await runShell(lines, app.folder)
  expect(requests).toEqual(['POST /users 201', 'GET /users 200', 'GET /audit 200'])
  expect(JSON.parse(answers.at(-1) ?? '').entries).toMatchObject([
    { operation: 'CREATE', actor: { id: 'admin' }, new_data: { name: 'Zoë' } },
  ])
})

test('SIGTERM lets it finish what is under way, deliver what waits, and end well', async () => {
  const key = 'alice-has-this-key-of-hers'
  const databaseUrl = await postgres.createDatabase()
  await using app = await startMain({
    DATABASE_URL: databaseUrl,
    API_KEYS: `alice:${key}`,
    LOG_LEVEL: 'info',
  })
  const blocker = new pg.Client({ connectionString: databaseUrl })
  await blocker.connect()
  await blocker.query('BEGIN; LOCK TABLE user_profiles')
  const creation = fetch(`${app.url}/users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Late', email: 'late@example.com' }),
  })
  const isWaiting = async () =>
    (await blocker.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount
  await expect.poll(isWaiting).toBe(1)
  app.child.kill('SIGTERM')
  await expect.poll(app.said).toContain('Closing.')
  await blocker.query('ROLLBACK')
  await blocker.end()

  expect((await creation).status).toBe(201)
  expect(await app.ended).toEqual([0, null])
  expect(app.said()).not.toContain(key)
  const { json } = await indelible.ask('/v1/events')
  expect(json.entries).toMatchObject([{ event: { changes: { after: { name: 'Late' } } } }])
})

test('with SENTRY_DSN set, a fault is told there, without personal data', async () => {
  await using ingest = await startIngest()
  const databaseUrl = await postgres.createDatabase()
  await using app = await startMain({ DATABASE_URL: databaseUrl, SENTRY_DSN: ingest.dsn })
  await askDatabase(databaseUrl, "ALTER TABLE user_profiles ADD CHECK (name <> 'Zoë Hidden')")
  const key = readFileSync(join(app.folder, 'api-key'), 'utf8')
  // PostgreSQL's error quotes the row in its `detail`.
  const answer = await fetch(`${app.url}/users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Zoë Hidden', email: 'hidden@example.com' }),
  })
  expect(answer.status).toBe(500)
  await expect.poll(() => ingest.taken.length).toBe(1)
  const told = JSON.stringify(ingest.taken)
  expect(told).toContain(answer.headers.get('x-request-id'))
  expect(told).toContain('violates check constraint')
  await expect.poll(app.said).toContain('violates check constraint')
  for (const text of [told, app.said()]) expect(text).not.toMatch(/hidden/i)
})

test('faulty settings are all named, and it does not start', async () => {
  using folder = createTemporaryFolder()
  const child = spawnMain(folder.path, { PORT: 'x' })
  const ended = once(child, 'exit')
  const said = child.stderr === null ? '' : await text(child.stderr)
  expect(await ended).toEqual([1, null])
  for (const name of ['PORT', 'DATABASE_URL', 'INDELIBLE_URL', 'INDELIBLE_KEY']) {
    expect(said).toContain(name)
  }
  expect(said).not.toContain('    at ')
})
