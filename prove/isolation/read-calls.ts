import {
  drawTenant,
  formatQuery,
  isAbsent,
  judgeRead,
  type MakeCall,
  mayExport,
  mayRead,
} from './call.ts'
import { everything } from './model.ts'

const search: MakeCall = (grant, means) => {
  const { world, random, cursors } = means
  const [tenant, filter] = [drawTenant(grant, means), world.drawFilter()]
  const limit = random.pick([3, 3, 20, 1_000])
  const order = random.pick([undefined, 'asc'])
  const judged = judgeRead(grant, tenant, filter, means)
  const query = formatQuery({ tenant, q: filter.text, limit: `${limit}`, order })
  return {
    ...{ grant, path: `/v1/events${query}`, ...judged },
    isWhole: judged.isWhole === true && limit >= (judged.atMost?.length ?? 0),
    look(text) {
      const { next } = JSON.parse(text) as { next: string | null }
      if (next !== null) cursors.push({ cursor: next, query, named: tenant, test: filter.test })
      return undefined
    },
  }
}

/** With a cursor that anybody was given, for the same question or another. */
const goOn: MakeCall = (grant, means) => {
  const { random, cursors } = means
  const known = cursors[random.whole(cursors.length)]
  if (known === undefined) return search(grant, means)
  const isSame = random() < 0.75
  const tenant = isSame ? known.named : drawTenant(grant, means)
  const query = isSame ? known.query : formatQuery({ tenant, limit: '3' })
  const filter = isSame ? { text: '', test: known.test } : everything
  const judged = judgeRead(grant, tenant, filter, means)
  return {
    ...{ grant, path: `/v1/events${query === '' ? '?' : `${query}&`}cursor=${known.cursor}` },
    ...{ atMost: judged.atMost ?? [], status: [...(judged.status ?? []), 400] },
  }
}

const read: MakeCall = (grant, means) => {
  const { world, random } = means
  const tenant = drawTenant(grant, means)
  const { id } = random.pick(world.entries)
  const suffix = random.pick(['', '', '/receipt', '/receipt'])
  const judged = judgeRead(grant, tenant, { text: '', test: (entry) => entry.id === id }, means)
  const found = judged.atMost?.length ?? 0
  const isOwnLog = judged.atMost === world.entries
  return {
    ...{ grant, path: `/v1/events/${id}${suffix}${formatQuery({ tenant })}`, ...judged },
    // Of several tenants that have the id, one is answered.
    isWhole: found === 1,
    ...(judged.status?.[0] === 200 && !isOwnLog ? { status: found === 0 ? [404] : [200] } : {}),
  }
}

const exportAll: MakeCall = (grant, means) => {
  const { world, random } = means
  const [tenant, filter] = [drawTenant(grant, means), world.drawFilter()]
  const format = random.pick(['ndjson', 'csv', 'receipts'])
  const judged = judgeRead(grant, tenant, filter, means, mayExport)
  const mayFail = format === 'receipts' && (tenant === '*' || isAbsent(tenant))
  return {
    ...{ grant, path: `/v1/export${formatQuery({ tenant, q: filter.text, format })}`, ...judged },
    // The manifest of receipts says what was asked for.
    echoes: format === 'receipts',
    ...(mayFail && mayExport(grant) ? { status: [200, 400, 403, 404], isWhole: false } : {}),
  }
}

const values: MakeCall = (grant, means) => {
  const { world, random } = means
  const [tenant, filter] = [drawTenant(grant, means), world.drawFilter()]
  const prefix = random.pick([undefined, 'qz', 'qza', 'qzb'])
  const judged = judgeRead(grant, tenant, filter, means)
  const query = { tenant, q: filter.text, field: 'data.word', prefix, limit: '1000' }
  const own = judged.atMost?.filter(
    ({ dialect, canary }) => dialect === 'own' && canary.startsWith(prefix ?? ''),
  )
  return {
    ...{ grant, path: `/v1/values${formatQuery(query)}`, ...judged },
    ...(own === undefined || judged.isWhole !== true ? {} : { atMost: own }),
  }
}

const histogram: MakeCall = (grant, means) => {
  const { world, random } = means
  const [tenant, filter] = [drawTenant(grant, means), world.drawFilter()]
  const by = random.pick([undefined, 'data.word', 'actor.name'])
  const { isWhole, ...judged } = judgeRead(grant, tenant, filter, means)
  return {
    ...{
      grant,
      path: `/v1/histogram${formatQuery({ tenant, q: filter.text, by, interval: 'month' })}`,
      ...judged,
    },
    look(text) {
      if (isWhole !== true) return undefined
      const { buckets } = JSON.parse(text) as { buckets: readonly { count: number }[] }
      const counted = buckets.reduce((sum, { count }) => sum + count, 0)
      const expected = judged.atMost?.length ?? 0
      return counted === expected ? undefined : `counted ${counted}, where ${expected} may be seen`
    },
  }
}

const follow: MakeCall = (grant, means) => {
  const { world } = means
  const [tenant, filter] = [drawTenant(grant, means), world.drawFilter()]
  const judged = judgeRead(grant, tenant, filter, means)
  const isRefused = tenant === '*' || (tenant !== undefined && judged.isWhole !== true)
  return {
    ...{ grant, path: `/v1/stream${formatQuery({ tenant, q: filter.text })}`, ...judged },
    headers: { 'last-event-id': '-1' },
    follows: judged.isWhole === true ? (judged.atMost?.length ?? 0) : 0,
    ...(isRefused && mayRead(grant) ? { status: [200, 400, 403], isWhole: false } : {}),
  }
}

/** Every way to read events, as often as it stands here. */
export const readCalls: readonly MakeCall[] = [
  ...[search, search, search, goOn, goOn, goOn, read, read, exportAll, values, histogram, follow],
]
