import { expect, test } from 'vitest'
import { createClient } from './index.ts'

const url = 'http://127.0.0.1:1'
const open = (options: object) => () =>
  createClient({ url, drainOnSigterm: false, ...options }).close()

test.each([
  [{ spoool: './audit.spool' }, 'createClient has no option "spoool"; it has url, key,'],
  [{ toString: 1 }, 'no option "toString"'],
  [{ url: undefined }, 'url must be the address'],
  [{ url: new URL(url) }, 'url must be the address'],
  [{ url: `${url}/v1/events` }, 'without /v1'],
  [{ key: '' }, 'key must be an API key ("ind_…"), alone'],
  [{ key: 'ind_secret\n' }, 'without spaces or line breaks'],
  [{ key: 'Bearer ind_secret' }, 'without spaces'],
  [{ tenant: 'a b' }, 'tenant must be 1 to 128'],
  [{ spool: '' }, 'spool must be the path of a file'],
  [{ spool: 3 }, 'spool must be the path of a file'],
  [{ fsync: 'always' }, 'fsync must be "each", "second" or "never"'],
  [{ onFull: 'drop' }, 'onFull must be "throw", "block" or a function'],
  [{ queueEventsMax: Number.NaN }, 'queueEventsMax must be a number from 1'],
  [{ closeTimeoutMs: '30s' }, 'closeTimeoutMs must be milliseconds'],
  [{ closeTimeoutMs: 2 ** 31 }, 'closeTimeoutMs must be milliseconds'],
  [{ onError: 'stderr' }, 'onError must be a function'],
])('%j is refused when the client is made, and the option named', (options, why) => {
  expect(open(options)).toThrow(expect.objectContaining({ code: 'settings-invalid' }))
  expect(open(options)).toThrow(why)
})

test('no message holds a key', () => {
  expect(open({ key: 'ind_secret\n' })).not.toThrow('secret')
})

test('options that are undefined are left out', async () => {
  const left = { key: undefined, spool: undefined, onFull: undefined, closeTimeoutMs: undefined }
  expect(await open(left)()).toEqual({ undelivered: 0 })
})
