import { Type } from 'typebox'
import type { App } from '../app.ts'
import { document } from '../documented.ts'
import { findReadableLog } from '../find-log.ts'
import type { ReadParts } from '../read-parts.ts'
import { readInteger } from '../read-request.ts'

const Index = Type.Integer({ minimum: 0 })
const Hashes = Type.Array(Type.String({ description: 'hex' }))
const params = Type.Object({ tenant: Type.String() })
const needed = (description: string) => Type.Unknown({ description })
const optional = (description: string) => Type.Optional(needed(description))

const inclusionSchema = {
  ...document(
    { tags: ['proof'], summary: 'Inclusion proof', description: 'RFC 6962 §2.1.1, leaf to root.' },
    { 200: Type.Object({ index: Index, size: Index, root: Type.String(), hashes: Hashes }) },
    ['query-invalid', 'log-unknown'],
  ),
  params,
  querystring: Type.Object({
    index: needed('Index of the entry.'),
    size: optional('Size of the tree; default: the live size.'),
  }),
}
const consistencySchema = {
  ...document(
    { tags: ['proof'], summary: 'Consistency proof', description: 'RFC 6962 §2.1.2.' },
    { 200: Type.Object({ from: Index, to: Index, root: Type.String(), hashes: Hashes }) },
    ['query-invalid', 'log-unknown'],
  ),
  params,
  querystring: Type.Object({
    from: needed('Size of the older tree.'),
    to: optional('Size of the newer tree; default: the live size.'),
  }),
}

/** `GET /v1/logs/{tenant}/proofs/inclusion` and `…/consistency` */
export function registerReadProofs(app: App, parts: ReadParts): void {
  const { authenticator, reader } = parts
  const onRequest = authenticator.hook
  const prefix = '/v1/logs/:tenant/proofs'
  app.get(`${prefix}/inclusion`, { schema: inclusionSchema, onRequest }, async (request) => {
    const { tenant, size: live } = await findReadableLog(request, parts)
    const size = readInteger(request, 'size', { min: 1, max: live }) ?? live
    const index = readInteger(request, 'index', { min: 0, max: size - 1 }) as number // by its schema
    const hashes = await reader.inclusion(tenant, index, size)
    return { index, size, root: await reader.rootAt(tenant, size), hashes }
  })
  app.get(`${prefix}/consistency`, { schema: consistencySchema, onRequest }, async (request) => {
    const { tenant, size: live } = await findReadableLog(request, parts)
    const to = readInteger(request, 'to', { min: 0, max: live }) ?? live
    const from = readInteger(request, 'from', { min: 0, max: to }) as number // by its schema
    // An empty tree is a prefix of every tree: nothing is to be proved.
    const hashes = from === 0 ? [] : await reader.consistency(tenant, from, to)
    return { from, to, root: await reader.rootAt(tenant, to), hashes }
  })
}
