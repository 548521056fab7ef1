import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import {
  type Answer,
  createTemporaryFolder,
  type TestServer,
  testRootKey,
} from '@indelible/testkit'
import pg from 'pg'
import { readConfig } from '../config.ts'
import { createLogger } from '../monitoring/logger.ts'
import type { CaptureException } from '../monitoring/reporter.ts'
import { startApplication } from '../start-application.ts'

/** The application under test, on a database of its own, beside a real Indelible. */
export interface TestApplication extends AsyncDisposable {
  readonly url: string
  /** Asks the database behind the application's back. */
  readonly pool: pg.Pool
  /** Lines of diagnostics so far. */
  readonly diagnostics: readonly string[]
  /** Asks as an operator, `alice` unless said otherwise; `nobody` sends no key. */
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>
  /** As `ask`, and again while the database has too much to do (503), as clients are told to. */
  askPatiently(method: string, path: string, options?: AskOptions): Promise<Answer>
  /** Creates a user. @returns its id */
  create(name: string, email: string): Promise<string>
}

export interface AskOptions {
  readonly body?: unknown
  readonly as?: 'alice' | 'bob' | 'nobody'
  readonly headers?: Readonly<Record<string, string>>
}

export interface StartOptions {
  readonly databaseUrl: string
  readonly indelible: Pick<TestServer, 'url'>
  readonly captureException?: CaptureException
  /** Variables over the test's own. */
  readonly environment?: Readonly<Record<string, string>>
}

export async function startTestApplication(options: StartOptions): Promise<TestApplication> {
  const { databaseUrl, captureException = () => undefined } = options
  const folder = createTemporaryFolder()
  const keys = { alice: createKey(), bob: createKey() }
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: databaseUrl,
    INDELIBLE_URL: options.indelible.url,
    INDELIBLE_KEY: testRootKey,
    API_KEYS: `alice:${keys.alice},bob:${keys.bob}`,
    DATA_FOLDER: folder.path,
    ...options.environment,
  })
  const diagnostics: string[] = []
  const logger = createLogger('info', { write: (line) => void diagnostics.push(line) })
  const application = await startApplication({
    config,
    operators: config.operators ?? [],
    logger,
    captureException,
  })
  const pool = new pg.Pool({ connectionString: databaseUrl })
  const { url } = application

  async function ask(method: string, path: string, options: AskOptions = {}): Promise<Answer> {
    const { body, as = 'alice' } = options
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(as === 'nobody' ? {} : { authorization: `Bearer ${keys[as]}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const { status, headers } = response
    const text = await response.text()
    return { status, headers, text, json: text === '' ? undefined : JSON.parse(text) }
  }

  return {
    url,
    pool,
    diagnostics,
    ask,
    async askPatiently(method, path, options) {
      for (;;) {
        const answer = await ask(method, path, options)
        if (answer.status !== 503) return answer
        await setTimeout(100)
      }
    },
    async create(name, email) {
      const { status, json, text } = await ask('POST', '/users', { body: { name, email } })
      if (status !== 201) throw new Error(`No user was created: ${text}`)
      return json.id
    },
    async [Symbol.asyncDispose]() {
      await application[Symbol.asyncDispose]()
      await pool.end()
      folder[Symbol.dispose]()
    },
  }
}

const createKey = (): string => randomBytes(24).toString('base64url')
