import { type Fault, type Head, type PartLabel, partLabels } from '@indelible/protocol'
import { decodeRefusal, type EncodedRefusal, encodeRefusal } from '../base/refusal.ts'
import type { AppendOutcome, AppendRequest } from '../ledger/append-request.ts'
import type { AdmittedEvent, Parts } from '../store/store.ts'

/**
 * Appends on their way between threads, as flat arrays: structured cloning writes every member
 * name of every object anew. Measured with one event a request: half the cost of the message on
 * both sides.
 */

/** What few requests have. */
type Extra = Pick<AppendRequest, 'changes' | 'createLog' | 'rotateKey'>
type Cell = string | number | boolean | null | readonly Fault[]

export interface EncodedAppend {
  /** `eventCells` for each event, request after request. */
  readonly events: readonly Cell[]
  /** How many events each request has. */
  readonly counts: readonly number[]
  /** What few requests have, by their position. */
  readonly extras: readonly (readonly [number, Extra])[]
}

export interface EncodedOutcomes {
  /** `headCells` for each head. */
  readonly heads: readonly Cell[]
  /** How many heads each request got, or why none. */
  readonly answers: readonly (number | EncodedRefusal)[]
}

/** tenant, id, idStamped, timeStamped, type, faults; then the parts, as `partLabels` has them. */
const ownCells = 6
const eventCells = ownCells + partLabels.length
/** id, tenant, index, received, hash, duplicate */
const headCells = 6

export function encodeAppend(requests: readonly AppendRequest[]): EncodedAppend {
  const events: Cell[] = []
  const counts: number[] = []
  const extras: [number, Extra][] = []
  for (const [n, request] of requests.entries()) {
    counts.push(request.events.length)
    for (const { tenant, id, idStamped, timeStamped, type, faults, parts } of request.events) {
      events.push(tenant, id, idStamped, timeStamped, type ?? null, faults ?? null)
      for (const label of partLabels) events.push(parts[label] ?? null)
    }
    const { changes, createLog, rotateKey } = request
    if ((changes ?? createLog ?? rotateKey) === undefined) continue
    extras.push([
      n,
      {
        ...(changes && { changes }),
        ...(createLog && { createLog }),
        ...(rotateKey && { rotateKey }),
      },
    ])
  }
  return { events, counts, extras }
}

export function decodeAppend({ events, counts, extras }: EncodedAppend): AppendRequest[] {
  const extraOf = new Map(extras)
  let at = 0
  return counts.map((count, n) => {
    const mine = Array.from({ length: count }, (_, k) => decodeEvent(events, at + k * eventCells))
    at += count * eventCells
    return { events: mine, ...extraOf.get(n) }
  })
}

/** The bytes only matter to the queue, which the event has left. */
function decodeEvent(cells: readonly Cell[], at: number): AdmittedEvent {
  const parts: { [label in PartLabel]?: string } = {}
  for (const [n, label] of partLabels.entries()) {
    const text = cells[at + ownCells + n]
    if (typeof text === 'string') parts[label] = text
  }
  const [type, faults] = [cells[at + 4], cells[at + 5]]
  return {
    tenant: cells[at] as string, // as encodeAppend wrote them, here and below
    id: cells[at + 1] as string,
    idStamped: cells[at + 2] as boolean,
    timeStamped: cells[at + 3] as boolean,
    ...(typeof type === 'string' ? { type } : {}),
    ...(Array.isArray(faults) ? { faults: faults as readonly Fault[] } : {}),
    parts: parts as Parts,
    bytes: 0,
  }
}

export function encodeOutcomes(outcomes: readonly AppendOutcome[]): EncodedOutcomes {
  const heads: Cell[] = []
  const answers = outcomes.map((outcome) => {
    if ('refusal' in outcome) return encodeRefusal(outcome.refusal)
    for (const { id, tenant, index, received, hash, duplicate } of outcome.heads) {
      heads.push(id, tenant, index, received, hash, duplicate === true)
    }
    return outcome.heads.length
  })
  return { heads, answers }
}

export function decodeOutcomes({ heads, answers }: EncodedOutcomes): AppendOutcome[] {
  let at = 0
  return answers.map((answer) => {
    if (typeof answer !== 'number') return { refusal: decodeRefusal(answer) }
    const mine = Array.from({ length: answer }, (_, n) => decodeHead(heads, at + n * headCells))
    at += answer * headCells
    return { heads: mine }
  })
}

function decodeHead(cells: readonly Cell[], at: number): Head {
  const head = {
    id: cells[at] as string, // as encodeOutcomes wrote them
    tenant: cells[at + 1] as string,
    index: cells[at + 2] as number,
    received: cells[at + 3] as string,
    hash: cells[at + 4] as string,
  }
  return cells[at + 5] === true ? { ...head, duplicate: true } : head
}
