import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Config, readConfig, startServer } from '@indelible/server'
import { findTestStore } from './test-store.ts'

export const testRootKey = 'root-key-for-tests-only'
export const testAdminPassword = 'correct horse battery staple'

/** An answer of the service under test, its body read. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; any of it can be anything. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert
  readonly json: any
}

/** A real server on a data folder and port of its own. */
export interface TestServer extends AsyncDisposable {
  readonly url: string
  readonly folder: string
  /**
   * Asks with the root key, unless `headers` say otherwise (`authorization: ''` sends none); again
   * while no checkpoint covers what is asked for.
   */
  ask(path: string, init?: RequestInit): Promise<Answer>
  /** POSTs JSON: an event, a batch, or whatever the route takes. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Stops the server and leaves the folder, for another start on it. */
  stop(): Promise<void>
}

/** How long a busy machine may take to sign what a test asks evidence of. */
const signingMsMax = 30_000

/**
 * How the tests ask a service at an address. An answer that no checkpoint covers the entry yet says
 * to ask again in a second, and that is done.
 */
export function createRequests(url: string): Pick<TestServer, 'ask' | 'post'> {
  const askOnce = async (path: string, init: RequestInit): Promise<Answer> => {
    const headers = new Headers({ authorization: `Bearer ${testRootKey}` })
    new Headers(init.headers).forEach((value, name) => {
      if (value === '') headers.delete(name)
      else headers.set(name, value)
    })
    const response = await fetch(`${url}${path}`, { ...init, headers })
    const text = await response.text()
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
    const json = isJson && text !== '' ? JSON.parse(text) : undefined
    return { status: response.status, headers: response.headers, text, json }
  }
  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const deadline = performance.now() + signingMsMax
    for (;;) {
      const answer = await askOnce(path, init)
      const isPending = answer.json?.code === 'checkpoint-pending'
      if (!isPending || performance.now() > deadline) return answer
      await setTimeout(1_000)
    }
  }
  return {
    ask,
    post: (path, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
  }
}

/** A temporary folder, removed when disposed. */
export function createTemporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'indelible-test-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/**
 * Starts the real service in this process, on a free port.
 * @param options.folder an existing data folder, which is then kept at the end
 * @param options.config settings over those every test server gets: a `databaseUrl` makes it a node
 */
export async function startTestServer(
  options: { readonly folder?: string; readonly config?: Partial<Config> } = {},
): Promise<TestServer> {
  const temporary = options.folder === undefined ? createTemporaryFolder() : undefined
  const folder = options.folder ?? join(temporary?.path ?? '', 'data')
  const defaults = readConfig({
    INDELIBLE_PORT: '0',
    ...(await findTestStore(folder)),
    INDELIBLE_ROOT_KEY: testRootKey,
    INDELIBLE_ADMIN_PASSWORD: testAdminPassword,
    INDELIBLE_LOG_LEVEL: process.env.INDELIBLE_LOG_LEVEL ?? 'error',
  })
  const server = await startServer({ ...defaults, ...options.config })
  const stop = async () => server[Symbol.asyncDispose]()

  return {
    url: server.url,
    folder,
    ...createRequests(server.url),
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      temporary?.[Symbol.dispose]()
    },
  }
}
