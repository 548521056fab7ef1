import type { Scope } from '@indelible/protocol'
import { type Random, type SpawnedServer, testAdminPassword, testRootKey } from '@indelible/testkit'
import { assertTaken } from '../clients/assert-taken.ts'
import { formatCanary } from './canary.ts'
import { everything, type Filter, type Grant, type Known } from './model.ts'

/** Names that are easily taken for each other. */
export const tenants = ['acme', 'acme-eu', 'ACME', 'beta', 'default'] as const
export type Tenant = (typeof tenants)[number]

const letterOf = (tenant: Tenant): string => 'abcde'.charAt(tenants.indexOf(tenant))
const eventsPerTenant = 30
const actions = ['order.paid', 'order.sent', 'user.login'] as const
/** Grants beyond these are not made: the first ones are to be tried, too. */
const grantsMax = 80

interface Link {
  readonly path: string
  readonly tenant: string
  readonly test: (entry: Known) => boolean
}

export type World = Awaited<ReturnType<typeof openWorld>>

/** Logs of several tenants, each entry with a canary, and grants of every kind. */
export async function openWorld(server: SpawnedServer, random: Random) {
  const entries: Known[] = []
  const grants: Grant[] = []
  let made = 0

  const makeOwn = (tenant: Tenant, id: string) => {
    const canary = formatCanary(letterOf(tenant), made++)
    const known: Known = {
      ...{ tenant, id, canary, action: random.pick(actions), actor: `u_${1 + random.whole(4)}` },
      ...{ plan: random.pick(['pro', 'free']), dialect: 'own' },
    }
    const { action, actor, plan } = known
    const event = {
      ...{ tenant, id, action, actor: { id: actor, name: canary }, source: canary },
      ...{ targets: [{ type: 'doc', id: 'd', name: canary }], context: { session: canary } },
      ...{ changes: { before: null, after: { note: canary } }, data: { plan, word: canary } },
    }
    return { known, event }
  }
  /** Events of our own API; ids are the same in every tenant. */
  const append = async (tenant: Tenant, count: number): Promise<void> => {
    const before = entries.filter((entry) => entry.tenant === tenant).length
    const batch = Array.from({ length: count }, (_, n) => makeOwn(tenant, `e-${before + n}`))
    await assertTaken(
      server.post(
        '/v1/events',
        batch.map(({ event }) => event),
      ),
    )
    entries.push(...batch.map(({ known }) => known))
  }
  const appendForeign = async (tenant: Tenant, key: string): Promise<void> => {
    for (let n = 0; n < 4; n++) {
      const flat = { ...makeOwn(tenant, `f-${n}`).known, action: 'seen', plan: '', dialect: 'flat' }
      const { canary, id, actor } = flat
      const details = { word: canary }
      await assertTaken(
        server.post(`/events?tenant=${tenant}`, {
          ...{ event_type: 'seen', timestamp: '2026-01-02T00:00:00Z', user_id: actor },
          ...{ event_id: id, event_details: details },
        }),
      )
      entries.push({ ...flat, dialect: 'flat' })
    }
    for (let n = 0; n < 4; n++) {
      const { canary, actor } = makeOwn(tenant, '').known
      const body = {
        ...{ action: 'report.read', crud: 'r', actor: { id: actor, name: canary } },
        ...{ group: { id: 'g', name: 'G' }, description: canary, fields: { word: canary } },
      }
      const path = '/auditlog/publisher/v1/project/p/event'
      const { json } = await assertTaken(server.post(path, body, { authorization: key }))
      const known = { tenant, id: String(json.id), canary, actor, action: 'report.read', plan: '' }
      entries.push({ ...known, dialect: 'retraced' })
    }
  }
  const makeKey = async (scopes: Scope[], granted: string[]): Promise<Grant> => {
    const body = { name: `key of ${granted.join(' ')}`, scopes, tenants: granted }
    const { json } = await assertTaken(server.post('/v1/keys', body))
    const grant: Grant = {
      ...{ name: `key ${scopes.join('+')} of ${granted.join(', ')}`, kind: 'key', scopes },
      ...{ authorization: `Bearer ${json.key}`, tenants: granted, filter: everything },
    }
    grants.push(grant)
    return grant
  }
  const makeUser = async (role: string, scopes: Scope[], granted: string[]): Promise<void> => {
    const [username, password] = [`${role}-${grants.length}`, testAdminPassword]
    await assertTaken(server.post('/v1/users', { username, password, role, tenants: granted }))
    const { json } = await assertTaken(server.post('/v1/login', { username, password }))
    grants.push({
      ...{ name: `${role} of ${granted.join(', ')}`, kind: 'user', scopes, filter: everything },
      ...{ authorization: `Bearer ${json.token}`, tenants: granted },
    })
  }

  for (const tenant of tenants) {
    await append(tenant, eventsPerTenant)
    const key = await makeKey(['append', 'read', 'export'], [tenant])
    await appendForeign(tenant, key.authorization)
  }
  await makeKey(['read'], ['acme', 'beta'])
  await makeKey(['read', 'export'], ['*'])
  await makeKey(['append'], ['*'])
  await makeKey(['admin', 'read'], ['beta'])
  await makeKey(['read', 'export'], ['acme-eu', '_system'])
  await makeUser('auditor', ['read', 'export'], ['acme', 'ACME'])
  await makeUser('writer', ['append'], ['beta'])
  await makeUser('admin', ['append', 'read', 'export', 'admin'], ['acme-eu'])
  grants.push({
    ...{ name: 'the root key', kind: 'root', authorization: `Bearer ${testRootKey}` },
    ...{ scopes: ['append', 'read', 'export', 'admin'], tenants: ['*'], filter: everything },
  })

  return {
    entries,
    grants,
    append,
    /** Addresses that whoever has them needs no credential for. */
    links: [] as Link[],
    /** A grant more, unless there are enough. */
    addGrant(grant: Grant): void {
      if (grants.length < grantsMax) grants.push(grant)
    },
    /** What callers ask for, and viewer tokens are bound to. */
    drawFilter(): Filter {
      const action = random.pick(actions)
      const actor = `u_${1 + random.whole(4)}`
      const { canary } = random.pick(entries)
      return random.pick<Filter>([
        everything,
        { text: `action:${action}`, test: (entry) => entry.action === action },
        { text: 'action:order.*', test: (entry) => entry.action.startsWith('order.') },
        { text: `actor:${actor}`, test: (entry) => entry.actor === actor },
        { text: `-actor:${actor}`, test: (entry) => entry.actor !== actor },
        { text: 'data.plan:pro', test: (entry) => entry.plan === 'pro' },
        { text: canary, test: (entry) => entry.canary === canary },
      ])
    },
  }
}
