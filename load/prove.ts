import type { Entry } from '@indelible/protocol'
import { exitCodes } from '../packages/cli/src/core/exit-codes.ts'
import { Failure } from '../packages/cli/src/core/failure.ts'
import { splitLines } from '../packages/cli/src/import/lines.ts'
import type { Acknowledged, Mismatch } from './acknowledged.ts'

/** What became of that which was acknowledged. */
export interface Kept {
  readonly acknowledged: number
  /** Acknowledged, and not there. */
  readonly missing: number
  /** There a second time. */
  readonly twice: number
  /** At another index, or in another log, than was answered. */
  readonly moved: number
  /** With another hash than was answered. */
  readonly changed: number
  /** Entries whose index is not above the one before. */
  readonly disordered: number
  /** There though never acknowledged: the answer was lost, and the request given up. */
  readonly unacknowledged: number
  /** The first of what is wrong, in words. */
  readonly examples: readonly string[]
}

const examplesMax = 10

/**
 * Reads the logs as anybody may, and holds each entry of this run against what was acknowledged.
 * @param options.since Unix ms: entries whose event happened earlier are not of this run
 */
export async function proveKept(options: {
  readonly url: string
  readonly key: string
  readonly tenants: readonly string[]
  readonly since: number
  readonly acknowledged: Acknowledged
}): Promise<Kept> {
  const { acknowledged, tenants } = options
  const counts = { twice: 0, moved: 0, changed: 0, disordered: 0, missing: 0 }
  const examples: string[] = []
  const tell = (what: Mismatch | 'disordered' | 'missing', id: string, index: number): void => {
    counts[what]++
    if (examples.length < examplesMax) examples.push(`${id}, index ${index}: ${what}`)
  }
  for (const tenant of tenants) {
    let last = -1
    for await (const entry of exportLog(options, tenant)) {
      if (entry.index <= last) tell('disordered', entry.event.id, entry.index)
      last = entry.index
      const mismatch = acknowledged.match(entry)
      if (mismatch !== undefined) tell(mismatch, entry.event.id, entry.index)
    }
  }
  for (const { id, index } of acknowledged.missing()) tell('missing', id, index)
  const { count, unacknowledged } = acknowledged
  return { acknowledged: count, ...counts, unacknowledged, examples }
}

async function* exportLog(
  options: { readonly url: string; readonly key: string; readonly since: number },
  tenant: string,
): AsyncGenerator<Entry> {
  const since = new Date(options.since).toISOString()
  const query = new URLSearchParams({ format: 'ndjson', order: 'asc', tenant, since })
  const response = await fetch(`${options.url}/v1/export?${query}`, {
    headers: { authorization: `Bearer ${options.key}` },
  })
  const { body, status } = response
  // Nothing of that log was acknowledged, then; if anything was, it is missing.
  if (status === 404) return await body?.cancel()
  if (!response.ok || body === null) {
    const text = `What was acknowledged can't be looked for: the export is answered with ${status}.`
    throw new Failure(exitCodes.unreachable, text)
  }
  for await (const { bytes } of splitLines(toBuffers(body))) {
    if (bytes !== undefined) yield JSON.parse(bytes.toString()) as Entry // what the service exports
  }
}

async function* toBuffers(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const { buffer, byteOffset, length } of chunks) {
    yield Buffer.from(buffer, byteOffset, length)
  }
}
