import { Readable } from 'node:stream'
import { limits } from '@indelible/protocol'
import type { FastifyReply } from 'fastify'
import { formatMaker } from '../admin/caller.ts'
import { type Clock, formatTime } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { type Authenticator, principalOf } from './authenticate.ts'
import { endWithCredential } from './end-with-credential.ts'
import { whenClosed } from './when-closed.ts'

const mediaTypes = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
} as const

/**
 * Answers with a file of any size, written while it is sent: `<name>-<now>.<ending>`. One whose
 * credential is revoked breaks off, which no client takes for whole; one that was begun in time may
 * take longer than a link to it lasts.
 * @throws Refusal `rate-exceeded`
 */
export function sendDownload(
  reply: FastifyReply,
  pages: AsyncIterable<string>,
  file: {
    readonly name: string
    readonly ending: keyof typeof mediaTypes
    readonly clock: Clock
    readonly authenticator: Pick<Authenticator, 'isLive' | 'onRevoked'>
  },
) {
  const { name, ending, clock, authenticator } = file
  const principal = principalOf(reply.request)
  const end = reply.server.exports.take(formatMaker(principal))
  if (end === undefined) {
    const detail = 'As many exports are being written as may be. Ask again when one has ended.'
    throw new Refusal('rate-exceeded', { detail })
  }
  whenClosed(reply.raw, end)
  const stamp = formatTime(clock()).replaceAll(':', '')
  const content = Readable.from(pages, { objectMode: false, highWaterMark: 256 * 1024 })
  const stop = endWithCredential(principal, {
    ...{ authenticator, clock, graceMs: limits.downloadGraceMs },
    end: () => content.destroy(new Error('the credential of a download has ended')),
  })
  content.on('close', stop)
  return reply
    .header('content-type', mediaTypes[ending])
    .header('content-disposition', `attachment; filename="${name}-${stamp}.${ending}"`)
    .send(content)
}
