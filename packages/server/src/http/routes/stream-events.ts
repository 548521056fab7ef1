import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { limits } from '@indelible/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { formatMaker } from '../../admin/caller.ts'
import type { Principal } from '../../admin/principal.ts'
import { createGate } from '../../base/gate.ts'
import { Refusal } from '../../base/refusal.ts'
import { createShares } from '../../base/shares.ts'
import { type FollowedBatch, followLog } from '../../stream/follow.ts'
import type { App } from '../app.ts'
import { callerOf, principalOf } from '../authenticate.ts'
import { document } from '../documented.ts'
import { endWithCredential } from '../end-with-credential.ts'
import type { ReadParts } from '../read-parts.ts'
import { FilterParameters, openQuery, readFilters, readParameters } from '../read-request.ts'
import { whenClosed } from '../when-closed.ts'

/** Proxies cut connections that are silent for a minute; this is well below. */
const heartbeatMs = 15_000

/** Streams being read for at once: an append wakes all of its log's, and each answer is large. */
const readingMax = 8

const schema = {
  ...document(
    {
      tags: ['events'],
      summary: 'Follow a log live',
      description:
        'Server-sent events. `id:` is the index; `Last-Event-ID` resumes after it without gap or ' +
        'repeat, and without one the stream begins with the next entry. One tenant; any filter.',
    },
    { 200: Type.String({ description: 'text/event-stream; each `data:` is an entry.' }) },
    ['query-invalid', 'request-invalid', 'cursor-invalid', 'rate-exceeded'],
  ),
  querystring: Type.Object(FilterParameters, openQuery),
}

/** `GET /v1/stream` */
export function registerStreamEvents(app: App, parts: ReadParts): void {
  const reading = createGate(readingMax)
  const open = new Set<AbortController>()
  const streams = createShares(limits.streamsMax)
  app.addHook('preClose', async () => {
    for (const controller of open) controller.abort()
  })
  // A HEAD would hold a connection open and never answer.
  const route = { schema, onRequest: parts.authenticator.hook, exposeHeadRoute: false }
  app.get('/v1/stream', route, async (request, reply) => {
    const principal = principalOf(request)
    const { tenants, query } = await readFilters(request, principal, parts)
    const [tenant] = tenants
    if (tenant === undefined || tenants.length > 1 || hasStar(request)) {
      throw new Refusal('query-invalid', { detail: 'A stream follows one tenant: name it.' })
    }
    const giveBack = streams.take(formatMaker(principal))
    if (giveBack === undefined) {
      throw new Refusal('rate-exceeded', { detail: 'As many streams are open as may be.' })
    }
    whenClosed(reply.raw, giveBack)
    const from = await readStart(request, tenant, parts)
    await parts.readAudit.record(callerOf(request), {
      action: 'events.followed',
      tenants,
      query: readParameters(request),
    })
    const { controller, end } = endWith(reply, principal, parts)
    const { signal } = controller
    open.add(controller)
    const batches = followLog({
      tenant,
      from,
      signal,
      read: (call) => reading(() => parts.reader.follow({ ...call, query })),
      onGrowth: (listener) => parts.ledger.onGrowth(tenant, listener),
    })
    reply.hijack()
    try {
      await send(reply, batches, from - 1, signal)
    } catch (error) {
      request.log.warn({ err: error, request: request.id }, 'a stream ended early')
    } finally {
      open.delete(controller)
      end()
      reply.raw.end()
    }
  })
}

const hasStar = (request: FastifyRequest): boolean =>
  (request.query as { tenant?: unknown }).tenant === '*' // parseQueryString

/** Where the stream begins. @throws Refusal `cursor-invalid` for an id that is not of this log */
async function readStart(
  request: FastifyRequest,
  tenant: string,
  parts: ReadParts,
): Promise<number> {
  const size = (await parts.ledger.describeLog(tenant))?.size ?? 0
  const last = request.headers['last-event-id']
  if (last === undefined || last === '') return size
  const index = typeof last === 'string' && /^(-1|\d{1,15})$/.test(last) ? Number(last) : Number.NaN
  if (index < size) return index + 1
  throw new Refusal('cursor-invalid', {
    detail: `Last-Event-ID must be an index of this log: below ${size}, or -1 for its beginning.`,
  })
}

/** Ends the stream when the client goes, the service closes, or the credential ends. */
function endWith(reply: FastifyReply, principal: Principal, parts: ReadParts) {
  const controller = new AbortController()
  const abort = () => controller.abort()
  whenClosed(reply.raw, abort)
  return { controller, end: endWithCredential(principal, { ...parts, graceMs: 0, end: abort }) }
}

async function send(
  reply: FastifyReply,
  batches: AsyncIterable<FollowedBatch>,
  before: number,
  signal: AbortSignal,
): Promise<void> {
  const { raw } = reply
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>), // set by our own hooks, all strings
    'content-type': 'text/event-stream; charset=utf-8',
    'x-accel-buffering': 'no',
  })
  // An id without data: a client that is cut off before the first entry resumes at the right place.
  raw.write(`retry: 2000\nid: ${before}\n\n`)
  let resumeAt: number | undefined
  const heartbeat = setInterval(() => {
    // An id without data moves the client's Last-Event-ID past what the filter left out.
    if (!raw.writableNeedDrain) raw.write(resumeAt === undefined ? ':\n\n' : `id: ${resumeAt}\n\n`)
  }, heartbeatMs)
  try {
    for await (const { lines, next } of batches) {
      const text = lines.map(({ index, json }) => `id: ${index}\ndata: ${json}\n\n`).join('')
      resumeAt = next - 1
      if (text !== '' && !raw.write(text)) await drained(raw, signal)
    }
  } finally {
    clearInterval(heartbeat)
  }
}

/** A slow reader is waited for: what it is owed stays in the log, not in memory. */
async function drained(raw: ServerResponse, signal: AbortSignal): Promise<void> {
  await once(raw, 'drain', { signal }).catch(() => undefined) // aborted: the loop ends by itself
}
