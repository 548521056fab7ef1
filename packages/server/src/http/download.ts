import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { type Clock, formatTime } from '../base/clock.ts'

const mediaTypes = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
} as const

/** Answers with a file of any size, written while it is sent: `<name>-<now>.<ending>`. */
export function sendDownload(
  reply: FastifyReply,
  pages: AsyncIterable<string>,
  file: { readonly name: string; readonly ending: keyof typeof mediaTypes; readonly clock: Clock },
) {
  const { name, ending, clock } = file
  const stamp = formatTime(clock()).replaceAll(':', '')
  return reply
    .header('content-type', mediaTypes[ending])
    .header('content-disposition', `attachment; filename="${name}-${stamp}.${ending}"`)
    .send(Readable.from(pages, { objectMode: false, highWaterMark: 256 * 1024 }))
}
