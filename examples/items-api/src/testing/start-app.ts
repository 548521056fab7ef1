import { join } from 'node:path'
import { type Client, type ClientOptions, createClient } from '@indelible/client'
import { createTemporaryFolder, type TestServer, testRootKey } from '@indelible/testkit'
import { createAccounts } from '../accounts/accounts.ts'
import { createPasswords } from '../accounts/passwords.ts'
import { createTokens } from '../accounts/tokens.ts'
import { createApp } from '../app.ts'
import type { RateLimits } from '../http/rate-limit.ts'
import { openStore } from '../store/open-store.ts'
import type { TrailLine } from '../trail/read-trail.ts'

export const adminPassword = 'the-admins-own-password'
export const userPassword = 'a-users-own-password'
export const testSecret = Buffer.alloc(32, 7)
const generous: RateLimits = { requestsPerMinute: 100_000, loginsPerMinute: 100_000 }

interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert
  readonly json: any
}

interface Asked {
  readonly method?: string
  readonly token?: string
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The application on a port of its own, with an admin and a real Indelible behind it. */
export interface TestApp extends AsyncDisposable {
  readonly url: string
  readonly folder: string
  readonly audit: Client
  ask(path: string, asked?: Asked): Promise<Answer>
  logIn(username: string, password?: string): Promise<string>
  /** Signs up and logs in. @returns the token */
  join(username: string): Promise<string>
  /** Lines of the trail, oldest first, as an admin reads them; what was asked for until now is in it. */
  trail(filter?: string): Promise<TrailLine[]>
}

/** @param options.tenant the log, one for each application that shares an Indelible */
export async function startApp(options: {
  readonly indelible: TestServer
  readonly tenant: string
  readonly limits?: Partial<RateLimits>
  readonly client?: Partial<ClientOptions>
}): Promise<TestApp> {
  const { indelible, tenant } = options
  const folder = createTemporaryFolder()
  const store = openStore(join(folder.path, 'items.db'))
  const audit = createClient({
    url: indelible.url,
    key: testRootKey,
    tenant,
    source: 'items-api',
    spool: join(folder.path, 'audit.spool'),
    drainOnSigterm: false,
    ...options.client,
  })
  const clock = Date.now
  const accounts = createAccounts({
    users: store.users,
    passwords: await createPasswords(),
    clock,
  })
  await accounts.ensureAdmin({ username: 'admin', password: adminPassword })
  const app = await createApp({
    audit,
    store,
    accounts,
    tokens: createTokens({ secret: testSecret, clock }),
    limits: { ...generous, ...options.limits },
    clock,
    trustedHops: 0,
    logLevel: 'silent',
  })
  const url = await app.listen({ port: 0 })
  const ask = createAsk(url)
  const logIn = async (username: string, password = userPassword): Promise<string> => {
    const { json } = await ask('/login', { body: { username, password } })
    return json.token
  }
  return {
    url,
    folder: folder.path,
    audit,
    ask,
    logIn,
    async join(username) {
      await ask('/users', { body: { username, password: userPassword } })
      return logIn(username)
    },
    async trail(filter = '') {
      const token = await logIn('admin', adminPassword)
      // However long it takes: a reader of the trail waits for a while only.
      await audit.flush()
      const lines: TrailLine[] = []
      let cursor: string | null = null
      do {
        const after = cursor === null ? '' : `&cursor=${cursor}`
        const { json } = await ask(`/audit?limit=100&${filter}${after}`, { token })
        lines.unshift(...json.entries.toReversed())
        cursor = json.next
      } while (cursor !== null)
      return lines
    },
    async [Symbol.asyncDispose]() {
      await app.close()
      await audit.close()
      store[Symbol.dispose]()
      folder[Symbol.dispose]()
    },
  }
}

function createAsk(url: string): TestApp['ask'] {
  return async (path, { method, token, body, headers = {} } = {}) => {
    const response = await fetch(`${url}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
    const json = isJson ? JSON.parse(text) : text
    return { status: response.status, headers: response.headers, json }
  }
}
