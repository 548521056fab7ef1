import { timingSafeEqual } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { createApiKey, digestSecret, formatApiKey } from './api-key.ts'
import { createCredentials } from './credentials.ts'
import type { Directory } from './directory.ts'
import type { SignedTokens } from './signed-tokens.ts'

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>()
  return { ...real, timingSafeEqual: vi.fn(real.timingSafeEqual) }
})
const compared = vi.mocked(timingSafeEqual).mock

const key = createApiKey((size) => new Uint8Array(size).fill(7))
const other = createApiKey((size) => new Uint8Array(size).fill(9))
const rootKey = 'root-key-of-this-test'
const looked: string[] = []
const record = {
  ...{ id: key.id, name: 'k', hash: digestSecret(key.secret).toString('hex') },
  ...{ scopes: ['read'], tenants: ['acme'], created: 0, createdBy: 'root:root' },
} as const
const credentials = createCredentials({
  // As far as keys are verified.
  directory: {
    key: (id: string) => {
      looked.push(id)
      return id === key.id ? record : undefined
    },
  } as unknown as Directory,
  tokens: { looksSigned: () => false, fingerprint: () => 'f' } as unknown as SignedTokens,
  rootKey,
  clock: () => 1,
})

/** A time says nothing in a test; what is compared with what, and how often, decides it. */
test('a secret is found by its id and compared as a digest, the same whether there is one or not (A-12)', async () => {
  const presented = {
    right: formatApiKey(key),
    wrongToTheLast: formatApiKey({ ...key, secret: `${key.secret.slice(0, -1)}z` }),
    wrongFromTheFirst: formatApiKey({ ...key, secret: `z${key.secret.slice(1)}` }),
    unknown: formatApiKey(other),
  }
  for (const [name, text] of Object.entries(presented)) {
    vi.mocked(timingSafeEqual).mockClear()
    looked.length = 0
    const found = await credentials.verify(text)
    expect([name, found?.principal.id]).toEqual([name, name === 'right' ? key.id : undefined])
    // The root key's, and then the key's: both of 32 bytes, and of what was presented the SHA-256.
    const [, id = '', secret = ''] = text.split('_')
    expect(compared.calls.map(([, digest]) => Buffer.from(digest as Uint8Array))).toEqual([
      digestSecret(text),
      digestSecret(secret),
    ])
    expect(compared.calls.map(([kept]) => kept.byteLength)).toEqual([32, 32])
    expect(new Set(looked)).toEqual(new Set([id]))
  }
})

test('what is no key is compared with the root key’s digest, and with nothing else (A-12)', async () => {
  for (const text of [`${rootKey.slice(0, -1)}x`, rootKey.slice(0, -1), 'x', '']) {
    vi.mocked(timingSafeEqual).mockClear()
    expect(await credentials.verify(text)).toBeUndefined()
    expect(compared.calls).toHaveLength(1)
    expect(compared.calls[0]?.[0].byteLength).toBe(32)
  }
  expect((await credentials.verify(rootKey))?.principal.kind).toBe('root')
})
