import { gzipSync } from 'node:zlib'
import { startTestServer } from '@indelible/testkit'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { foreignBodies } from './dialects/foreign-bodies.ts'
import { dialectTargets } from './dialects/targets.ts'

/** What holds of every dialect, whatever its clients send. */
const server = await startTestServer({ config: { otlpAudit: true } })
afterAll(() => server[Symbol.asyncDispose]())

describe.each(dialectTargets)('$name', ({ name, path, headers, valid, countKept, taken = 201 }) => {
  const tenant = name.replaceAll(' ', '-')

  async function open() {
    const grant = { name: tenant, scopes: ['append', 'read'], tenants: [tenant] }
    const { key } = (await server.post('/v1/keys', grant)).json
    const sent = { 'content-type': 'application/json', ...headers, authorization: `Bearer ${key}` }
    return {
      /** @param n stands for `$n` wherever that is: the same one makes a repeat */
      post: (body: Uint8Array | string, n: number, more: Record<string, string> = {}) => {
        const fill = (text: string) => text.replaceAll('$n', String(n))
        const filled = Object.entries({ ...sent, ...more }).map(([one, text]) => [one, fill(text)])
        const bytes = Buffer.from(body).toString('latin1')
        return server.ask(path, {
          method: 'POST',
          headers: Object.fromEntries(filled),
          body: new Uint8Array(Buffer.from(fill(bytes), 'latin1')),
        })
      },
      size: async () => Number((await server.ask(`/v1/logs/${tenant}`)).json.size ?? 0),
    }
  }

  test('what is valid is kept once, plain or gzipped, with its dialect', async () => {
    const { post, size } = await open()
    let events = 0
    for (const [n, body] of valid.entries()) {
      const text = JSON.stringify(body)
      const first = await post(text, n)
      expect(first.status, first.text).toBe(taken)
      events += countKept(first.json, text) ?? 0
      const zipped = gzipSync(text.replaceAll('$n', String(n)))
      const again = await post(zipped, n, { 'content-encoding': 'gzip' })
      expect(again.status).toBeLessThan(300)
    }
    expect(events).toBeGreaterThan(0)
    expect(await size()).toBeGreaterThanOrEqual(events)
    const { json } = await server.ask(`/v1/events?tenant=${tenant}&q=context.dialect:*`)
    expect(json.entries).toHaveLength(await size())
  })

  test('no body, however malformed, yields a 500, an answer that is no JSON, or a half-kept batch', {
    timeout: 300_000,
  }, async () => {
    const { post, size } = await open()
    let before = await size()
    let n = 100
    const law = fc.asyncProperty(foreignBodies(valid), async (body) => {
      const { status, headers: answered, text, json } = await post(body, n++)
      expect(status, text).toBeLessThan(500)
      expect(answered.get('content-type')).toMatch(/[/+]json\b/)
      expect(json).toBeTypeOf('object')
      const after = await size()
      const kept = status < 300 ? countKept(json, Buffer.from(body).toString()) : 0
      if (kept !== undefined) expect(after - before, text).toBe(kept)
      before = after
    })
    // What one body leaves counts for the next, so a shorter one would fail for other reasons.
    await fc.assert(law, { numRuns: 250, endOnFailure: true })
  })

  test('what breaks the encoding, the size or the credential is refused in JSON', async () => {
    const { post, size } = await open()
    const before = await size()
    const text = JSON.stringify(valid[0])
    const big = new Uint8Array(gzipSync(Buffer.alloc(17 * 1024 * 1024, 'a')))
    for (const [status, body, more] of [
      [400, text, { 'content-encoding': 'gzip' }],
      [415, text, { 'content-encoding': 'br' }],
      [413, big, { 'content-encoding': 'gzip' }],
      [401, text, { authorization: 'Bearer wrong' }],
      [401, text, { authorization: '' }],
    ] as const) {
      const answer = await post(body, 0, more)
      expect([answer.status, answer.text], JSON.stringify(more)).toEqual([
        ...[status, expect.stringMatching(/^\{.+\}$/)],
      ])
    }
    expect(await size()).toBe(before)
  })
})
