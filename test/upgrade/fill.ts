import { readFileSync } from 'node:fs'
import type { Head } from '@indelible/protocol'
import type { Answer, TestServer } from '@indelible/testkit'

/** What a store of an older version must still hold, as that version answered it. */
export interface Remembered {
  readonly heads: readonly Head[]
  readonly logs: readonly {
    readonly tenant: string
    readonly vkey: string
    readonly origin: string
    readonly size: number
    readonly root: string
  }[]
  /** Texts of receipts, each of another log. */
  readonly receipts: readonly string[]
  readonly keys: { readonly live: string; readonly revoked: string }
  readonly auditor: { readonly username: string; readonly password: string }
  readonly schema: { readonly tenant: string; readonly action: string; readonly schema: object }
  readonly rule: { readonly name: string; readonly pattern: string; readonly action: string }
  /** Found by each search when it was filled. */
  readonly searches: Readonly<Record<string, number>>
}

const samples = new URL('../../packages/testkit/samples/', import.meta.url)
const schema = {
  tenant: 'acme',
  action: 'plan.changed',
  schema: { properties: { data: { required: ['plan'] } } },
} as const
const rule = { name: 'case-number', pattern: 'CASE-*', action: 'mask' } as const
const auditor = { username: 'auditor', password: 'a long enough password' } as const

const createEvent = (tenant: string, n: number) => ({
  ...{ tenant, id: `${tenant}-${n}`, time: new Date(Date.now() - 7_200_000 + n * 1_000) },
  action: ['invoice.paid', 'document.shared', 'role.granted'][n % 3],
  actor: { id: `u_${n % 17}`, name: ['Zoë', 'Ada 😀', '李雷'][n % 3] },
  targets: [{ type: 'invoice', id: `${n % 40}` }],
  outcome: n % 11 === 0 ? 'denied' : 'success',
  context: { ip: `10.0.0.${n % 200}`, trace: `t-${n}` },
  ...(n % 2 === 0 ? { data: { amount: '12.50', note: `see CASE-${n}`, password: 'hunter2' } } : {}),
  ...(n % 5 === 0 ? { changes: { before: { plan: 'free' }, after: { plan: 'pro', n } } } : {}),
})
/** What is filled by halves would be found whole. */
const assertFine =
  <Words extends readonly [string, ...unknown[]]>(ask: (...words: Words) => Promise<Answer>) =>
  async (...words: Words): Promise<Answer> => {
    const answer = await ask(...words)
    if (answer.status < 300) return answer
    throw new Error(`${words[0]} was answered ${answer.status}: ${answer.text}`)
  }
const range = (from: number, until: number): number[] =>
  Array.from({ length: until - from }, (_, at) => from + at)

/** Some hundred events of every kind, and all that an administrator makes. */
export async function fill(server: Pick<TestServer, 'ask' | 'post' | 'url'>): Promise<Remembered> {
  const ask = assertFine(server.ask)
  const post = assertFine(server.post)
  const put = (path: string, body: object) =>
    ask(path, {
      method: 'PUT',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  const heads: Head[] = []
  const append = async (events: readonly object[]): Promise<void> => {
    heads.push(...(await post('/v1/events', events)).json.entries)
  }
  const createKey = async (name: string) =>
    (await post('/v1/keys', { name, scopes: ['append', 'read'], tenants: ['acme'] })).json

  await post('/v1/tenants', { tenant: 'named', name: 'A name of its own' })
  await put(`/v1/redaction/rules/${rule.name}`, { pattern: rule.pattern, action: rule.action })
  for (const from of [0, 100, 200, 300, 400]) {
    await append(range(from, from + 100).map((n) => createEvent('acme', n)))
  }
  await append(range(0, 20).flatMap((n) => ['globex', 'initech'].map((t) => createEvent(t, n))))
  await put(`/v1/tenants/${schema.tenant}/schemas/${schema.action}`, schema.schema)
  await append([{ ...createEvent('acme', 500), action: schema.action, data: { plan: 'pro' } }])
  const records = readFileSync(new URL('cloudtrail.ndjson', samples), 'utf8').trim().split('\n')
  await ask('/cloudtrail?tenant=aws', { method: 'POST', body: `{"Records":[${records.join()}]}` })
  const live = await createKey('live')
  const revoked = await createKey('revoked')
  await ask(`/v1/keys/${revoked.id}`, { method: 'DELETE' })
  await post('/v1/users', { ...auditor, role: 'auditor', tenants: ['acme'] })
  await server.post(
    '/v1/login',
    { username: 'admin', password: 'none of his' },
    { authorization: '' },
  )

  const searches: Record<string, number> = {}
  for (const q of ['action:invoice.* actor:u_3', 'outcome:denied', 'shared -actor:u_1']) {
    const found = await ask(`/v1/events?tenant=acme&limit=1000&q=${encodeURIComponent(q)}`)
    searches[q] = found.json.entries.length
  }
  const receipts: string[] = []
  for (const [tenant, id] of [
    ['acme', 'acme-257'],
    ['globex', 'globex-19'],
    ['initech', 'initech-0'],
  ]) {
    receipts.push((await ask(`/v1/events/${id}/receipt?tenant=${tenant}`)).text)
  }
  // The last of it: a kill right behind may well come before its checkpoint.
  await append(range(501, 520).map((n) => createEvent('acme', n)))
  const tenants = ['acme', 'globex', 'initech', 'aws']
  const logs = await Promise.all(
    tenants.map(async (tenant) => {
      const { vkey, origin, size, root } = (await ask(`/v1/logs/${tenant}`)).json
      return { tenant, vkey, origin, size, root }
    }),
  )
  const keys = { live: live.key, revoked: revoked.key }
  return { heads, logs, receipts, keys, auditor, schema, rule, searches }
}
