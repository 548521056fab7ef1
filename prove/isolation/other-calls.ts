import { type MakeCall, mayExport, mayRead } from './call.ts'
import { covers, everything } from './model.ts'
import { tenants } from './world.ts'

/** A log's evidence has no plain text of anybody's; it is refused all the same. */
const prove: MakeCall = (grant, means) => {
  const tenant = means.random.pick([...tenants, '_system', 'nobody'])
  const what = means.random.pick([
    ...['', '/checkpoint', '/proofs/inclusion?index=0', '/proofs/consistency?from=1'],
    ...['/tile/0/000.p/1', '/tile/entries/000.p/5'],
  ])
  const isAllowed = mayRead(grant) && covers(grant, tenant)
  const isThere = tenant !== 'nobody'
  return {
    ...{ grant, path: `/v1/logs/${tenant}${what}` },
    // A checkpoint is a moment behind the first entry.
    status: isAllowed ? (isThere ? [200, 404, 503] : [404]) : [403],
  }
}

/** Lists name no tenant beyond the grant. */
const list: MakeCall = (grant, { random }) => ({
  grant,
  path: random.pick([
    '/v1/logs',
    '/v1/tenants',
    '/v1/keys',
    '/v1/users',
    '/v1/session',
    '/v1/audits',
    '/v1/service',
  ]),
  look(text) {
    const foreign = [...tenants, '_system'].filter((tenant) => !covers(grant, tenant))
    const named = foreign.find((tenant) => text.includes(`"${tenant}"`))
    return named === undefined ? undefined : `names ${named}`
  },
})

/** Refused, all of it, and nothing is kept: compared when the run is over. */
const appendAbroad: MakeCall = (grant, { random, world }) => {
  const abroad = [...tenants, '_system'].filter(
    (tenant) => !grant.scopes.includes('append') || !covers(grant, tenant),
  )
  const tenant = abroad.length === 0 ? '_system' : random.pick(abroad)
  const { id } = random.pick(world.entries)
  const event = { tenant, id, action: 'a', actor: { id: 'intruder' } }
  return { grant, path: '/v1/events', method: 'POST', body: event, status: [403] }
}

const makeToken: MakeCall = (grant, means) => {
  const { world, random } = means
  const tenant = random.pick(tenants)
  const drawn = world.drawFilter()
  // Its holder is told the filter: it must give nothing away.
  const filter = drawn.text.startsWith('qz') ? everything : drawn
  const withExport = random() < 0.5
  const isMaker = grant.kind !== 'viewer' && grant.kind !== 'access'
  const isAllowed =
    isMaker && mayRead(grant) && covers(grant, tenant) && (!withExport || mayExport(grant))
  return {
    ...{ grant, path: '/v1/tokens', method: 'POST', status: isAllowed ? [201] : [403] },
    body: { tenant, export: withExport, ...(filter.text === '' ? {} : { filter: filter.text }) },
    look(text) {
      const { token } = JSON.parse(text) as { token: string }
      world.addGrant({
        ...{ name: `viewer of ${tenant} with "${filter.text}"`, kind: 'viewer', filter },
        ...{ authorization: `Bearer ${token}`, tenants: [tenant] },
        scopes: withExport ? ['read', 'export'] : ['read'],
      })
      return undefined
    },
  }
}

export const otherCalls: readonly MakeCall[] = [prove, list, appendAbroad, makeToken]
