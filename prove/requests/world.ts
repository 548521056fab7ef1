import { type SpawnedServer, testAdminPassword, testRootKey } from '@indelible/testkit'
import { assertTaken } from '../clients/assert-taken.ts'

/** What requests can name. */
export interface World {
  readonly root: string
  /** Every scope, for the tenants below. */
  readonly key: string
  /** May append to `marks` alone: dialects that name no tenant. */
  readonly marksKey: string
  /** Nobody appends to it: proofs, receipts and exports stay the same. */
  readonly still: string
  /** Every entry of it was answered with its head. */
  readonly heads: string
  /** An entry says in its text which request it came with. */
  readonly marks: string
  /** Credentials of others, some of no use any more. */
  readonly others: readonly string[]
  /** Of a search with `limit=5` of `still`. */
  readonly cursor: string
  /** Ids of keys that requests of the run made. */
  readonly madeKeys: string[]
}

const still = 'still'
export const stillSize = 60
/** Users that requests look at and change: `u0` and so on. */
export const usersMax = 3
/** Of those on record from the start; requests are to leave them be. */
const auditor = 'the-auditor'

const bearer = (key: string): string => `Bearer ${key}`

/** The log that nobody appends to, and a user whose session all of the run has. */
export async function prepareWorld(server: SpawnedServer): Promise<string> {
  const events = Array.from({ length: stillSize - 3 }, (_, n) => ({
    ...{ action: `order.${n % 3 === 0 ? 'paid' : 'sent'}`, actor: { id: `u_${n % 7}` } },
    ...{ id: `s-${n}`, tenant: still, data: { n, plan: n % 2 === 0 ? 'pro' : 'free' } },
  }))
  await assertTaken(server.post('/v1/events', events))
  for (const [type, user, id] of [
    ['seen', 'u_1', 'e-1'],
    ['seen', 'u_2', 'e-2'],
    ['left', 'u_2', 'e-3'],
  ]) {
    const flat = { event_type: type, timestamp: 1767323045, user_id: user, event_id: id }
    await assertTaken(server.post('/events?tenant=still', flat))
  }
  // Proofs are of what a checkpoint covers: a receipt waits for one.
  await assertTaken(server.ask('/v1/events/s-0/receipt?tenant=still'))
  const password = testAdminPassword
  const names = [auditor, ...Array.from({ length: usersMax }, (_, n) => `u${n}`)]
  for (const username of names) {
    const user = { username, password, role: 'auditor', tenants: [still] }
    await assertTaken(server.post('/v1/users', user))
  }
  const login = await server.post('/v1/login', { username: auditor, password })
  return bearer(login.json.token)
}

/** Logs of their own for some thousand requests, and keys to them. */
export async function openWorld(
  server: SpawnedServer,
  { session, epoch }: { readonly session: string; readonly epoch: number },
): Promise<World> {
  await removeRules(server)
  const [heads, marks] = [`heads-${epoch}`, `marks-${epoch}`]
  const makeKey = async (scopes: string[], tenants: string[]) => {
    const { json } = await assertTaken(server.post('/v1/keys', { name: 'k', scopes, tenants }))
    return { id: String(json.id), key: bearer(json.key) }
  }
  const { key } = await makeKey(['append', 'read', 'export', 'admin'], [still, heads])
  const marksKey = (await makeKey(['append', 'read', 'export', 'admin'], [marks])).key
  const appender = (await makeKey(['append'], [marks])).key
  const revoked = await makeKey(['read'], [still])
  await server.ask(`/v1/keys/${revoked.id}`, { method: 'DELETE' })
  const token = { tenant: still, filter: 'actor:u_1', export: true }
  const viewer = await assertTaken(server.post('/v1/tokens', token))
  const page = await server.ask(`/v1/events?tenant=${still}&limit=5`, {
    headers: { authorization: key },
  })
  return {
    ...{ root: bearer(testRootKey), key, marksKey, still, heads, marks },
    others: [
      ...['', 'Bearer ', 'Basic cm9vdDpyb290', bearer(`ind_${'a'.repeat(40)}`)],
      ...[appender, revoked.key, session, bearer(viewer.json.token)],
    ],
    cursor: page.json.next,
    madeKeys: [],
  }
}

/** A rule that a request made may look for `a`: with it hardly anything is valid any more. */
async function removeRules(server: SpawnedServer): Promise<void> {
  const { json } = await server.ask('/v1/redaction')
  for (const { name, origin } of json.rules) {
    if (origin !== 'console') continue
    const path = `/v1/redaction/rules/${encodeURIComponent(name)}`
    await assertTaken(server.ask(path, { method: 'DELETE' }))
  }
}
