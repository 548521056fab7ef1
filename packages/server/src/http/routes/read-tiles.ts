import { parseTilePath } from '@indelible/proof'
import { limits } from '@indelible/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { assertCovers, assertScope } from '../../admin/principal.ts'
import { Refusal } from '../../base/refusal.ts'
import type { App } from '../app.ts'
import { principalOf } from '../authenticate.ts'
import { document } from '../documented.ts'
import { findCheckpoint } from '../find-log.ts'
import type { ReadParts } from '../read-parts.ts'

const checkpointSchema = {
  ...document(
    {
      tags: ['proof'],
      summary: 'Signed checkpoint',
      description: 'C2SP tlog-checkpoint: the log’s signature, and our cosignature with the time.',
    },
    { 200: Type.String({ description: 'text/plain' }) },
    ['log-unknown', 'checkpoint-pending'],
  ),
  params: Type.Object({ tenant: Type.String() }),
}
const tileSchema = {
  ...document(
    {
      tags: ['proof'],
      summary: 'Tile',
      description: 'C2SP tlog-tiles: `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`.',
    },
    { 200: Type.String({ description: 'application/octet-stream' }) },
    ['log-unknown', 'resource-unknown', 'checkpoint-pending'],
  ),
  // Not `*` too: TypeBox makes a regular expression of a member's name when it converts.
  params: Type.Object({ tenant: Type.String() }),
}

/** `GET /v1/logs/{tenant}/checkpoint` and `GET /v1/logs/{tenant}/tile/…` */
export function registerReadTiles(
  app: App,
  parts: ReadParts & { readonly publicTiles: boolean },
): void {
  const { authenticator, publicTiles } = parts
  /** With public tiles, hashes and checkpoints need no credential; entries always do. */
  const admit = async (request: FastifyRequest, tenant: string, isPublic: boolean) => {
    if (publicTiles && isPublic) return
    const principal = await authenticator.authenticate(request)
    request.principal = principal
    assertScope(principalOf(request), 'read')
    assertCovers(principal, tenant)
  }

  app.get('/v1/logs/:tenant/checkpoint', { schema: checkpointSchema }, async (request, reply) => {
    const { tenant } = request.params
    await admit(request, tenant, true)
    const { note } = await findCheckpoint(parts, tenant)
    return allowCaching(reply, publicTiles ? 'public' : 'private', 'max-age=1')
      .header('content-type', 'text/plain; charset=utf-8')
      .send(note)
  })
  app.get('/v1/logs/:tenant/tile/*', { schema: tileSchema }, async (request, reply) => {
    const { tenant, '*': path } = request.params as { tenant: string; '*': string } // the route's
    await admit(request, tenant, !path.startsWith('entries/'))
    return sendTile(reply, tenant, path, parts)
  })
}

async function sendTile(
  reply: FastifyReply,
  tenant: string,
  path: string,
  parts: ReadParts & { readonly publicTiles: boolean },
) {
  const tile = parseTile(path)
  const checkpoint = await findCheckpoint(parts, tenant)
  const { level, index, width } = tile
  const from = index * limits.tileWidth
  const span = level === 'entries' ? 1 : limits.tileWidth ** level
  // Only what a published checkpoint covers: the rest is not vouched for yet.
  if ((from + width) * span > checkpoint.size) throw refuseTile()
  const bytes =
    level === 'entries'
      ? await parts.reader.entryBundle(tenant, from, from + width)
      : await parts.reader.hashes(tenant, level, from, from + width)
  const isFull = width === limits.tileWidth
  const audience = parts.publicTiles && level !== 'entries' ? 'public' : 'private'
  return allowCaching(reply, audience, isFull ? 'max-age=31536000, immutable' : 'max-age=60')
    .header('content-type', 'application/octet-stream')
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
}

/** A cache may keep answers to a cookie for others, and a browser for who signs in next. */
function allowCaching(reply: FastifyReply, audience: 'public' | 'private', age: string) {
  if (audience === 'private') reply.header('vary', 'authorization, cookie')
  return reply.header('cache-control', `${audience}, ${age}`)
}

function parseTile(path: string) {
  try {
    return parseTilePath(`tile/${path}`)
  } catch {
    throw refuseTile()
  }
}

const refuseTile = (): Refusal =>
  new Refusal('resource-unknown', {
    detail: 'There is no such tile under a published checkpoint (C2SP tlog-tiles).',
  })
