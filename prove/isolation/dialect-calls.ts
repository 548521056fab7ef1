import { drawTenant, formatQuery, judgeRead, type MakeCall, mayExport, mayRead } from './call.ts'
import { covers, type Filter } from './model.ts'
import { tenants } from './world.ts'

const isFlat: Filter = { text: '', test: ({ dialect }) => dialect === 'flat' }
const isRetraced: Filter = { text: '', test: ({ dialect }) => dialect === 'retraced' }

/** Lists go through one log. */
const listFlat: MakeCall = (grant, means) => {
  const tenant = drawTenant(grant, means)
  const path = means.random.pick(['/event', '/events'])
  const judged = judgeRead(grant, tenant, isFlat, means)
  const isOfAll = tenant === '*' && mayRead(grant)
  return {
    ...{ grant, path: `${path}${formatQuery({ tenant })}`, ...judged },
    ...(isOfAll ? { status: [400], atMost: [], isWhole: false } : {}),
  }
}

const readFlat: MakeCall = (grant, means) => {
  const tenant = drawTenant(grant, means)
  const { id } = means.random.pick(means.world.entries)
  const judged = judgeRead(
    ...([grant, tenant] as const),
    { text: '', test: (entry) => isFlat.test(entry) && entry.id === id },
    means,
  )
  return {
    ...{ grant, path: `/event/${id}${formatQuery({ tenant })}`, ...judged, isWhole: false },
    status: judged.status?.[0] === 200 ? [200, 404] : (judged.status ?? []),
  }
}

const graphql = {
  query:
    'query Search($query: String!) { search(query: $query, last: 100) { totalCount edges { node { id description actor { id name } } } } }',
  variables: { query: '', last: 100, before: '' },
}

/** Names no tenant: the caller's own. */
const searchRetraced: MakeCall = (grant, means) => {
  const base = means.random.pick(['publisher/v1/project/p', 'viewer/v1'])
  const judged = judgeRead(grant, undefined, isRetraced, means)
  return {
    ...{ grant, path: `/auditlog/${base}/graphql`, method: 'POST', body: graphql, ...judged },
    look(text) {
      if (judged.isWhole !== true) return undefined
      const { totalCount } = JSON.parse(text).data.search
      const expected = judged.atMost?.length ?? 0
      return totalCount === expected ? undefined : `counted ${totalCount} of ${expected}`
    },
  }
}

const exportRetraced: MakeCall = (grant, means) => {
  const id = Buffer.from(JSON.stringify({ q: '' })).toString('base64url')
  const judged = judgeRead(grant, undefined, isRetraced, means, mayExport)
  return { grant, path: `/auditlog/viewer/v1/project/p/export/${id}/rendered`, ...judged }
}

/** The link of an export is a viewer token: whoever follows it sees what it was made for. */
const exportWorkos: MakeCall = (grant, means) => {
  const { world, random } = means
  const tenant = random.pick(tenants)
  const action = random.pick(['order.paid', 'user.login'])
  const isMaker = grant.kind !== 'viewer' && grant.kind !== 'access'
  const isAllowed = isMaker && mayRead(grant) && mayExport(grant) && covers(grant, tenant)
  const range = { range_start: '2020-01-01', range_end: '2036-01-01' }
  return {
    ...{ grant, path: '/audit_logs/exports', method: 'POST', status: isAllowed ? [201] : [403] },
    body: { organization_id: tenant, ...range, actions: [action] },
    look(text) {
      const { url } = JSON.parse(text) as { url: string }
      world.links.push({
        path: url.slice(new URL(url).origin.length),
        ...{ tenant, test: (entry) => entry.action === action },
      })
      return undefined
    },
  }
}

/** Earlier ones may be over: a link is good for ten minutes. */
const latestLinks = 20

const followLink: MakeCall = (grant, means) => {
  const { world, random } = means
  const links = world.links.slice(-latestLinks)
  if (links.length === 0) return exportWorkos(grant, means)
  const link = random.pick(links)
  const atMost = world.entries.filter((entry) => entry.tenant === link.tenant && link.test(entry))
  const anonymous = { ...grant, name: 'whoever has a link', authorization: '' }
  return { grant: anonymous, path: link.path, status: [200], atMost, isWhole: true }
}

const describeOrganization: MakeCall = (grant, { random }) => {
  const what = random.pick(['audit_logs_retention', 'audit_log_configuration'])
  return { grant, path: `/organizations/${random.pick(tenants)}/${what}` }
}

export const dialectCalls: readonly MakeCall[] = [
  ...[listFlat, readFlat, searchRetraced, exportRetraced, exportWorkos, followLink],
  describeOrganization,
]
