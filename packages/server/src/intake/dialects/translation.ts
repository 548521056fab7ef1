import type { EventSubmission } from '@indelible/protocol'

/** An event as a dialect makes it of what was sent: admission says whether it is one. */
export interface Draft extends Readonly<Partial<Record<keyof EventSubmission, unknown>>> {
  readonly context?: Readonly<Record<string, unknown>>
}

/** What a dialect makes of a foreign body. */
export interface Translation {
  readonly events: readonly Draft[]
  /**
   * What to keep of the n-th event where admission refuses it, the most first: for senders that give
   * up what was refused, and with it what others did.
   */
  readonly lesserOf?: (n: number) => readonly Draft[]
  /** Where in the foreign body the n-th event is. Default: it is the whole body. */
  readonly pointerOf?: (n: number) => string
  /** Where in the n-th foreign event our members come from. */
  readonly tableOf: (n: number) => PointerTable
}

/** Our pointers and theirs; the first that fits counts, so the longer stand first. */
export type PointerTable = readonly (readonly [ours: string, theirs: string])[]

/**
 * Where in the foreign body a fault of admission is: `/3/time` → `/events/3/timestamp_utc`. What no
 * table knows is the fault of the foreign event as a whole.
 */
export function translatePointer(
  { tableOf, pointerOf = () => '' }: Omit<Translation, 'events'>,
  pointer: string,
): string {
  const [, digits = ''] = /^\/(\d+)/.exec(pointer) ?? []
  if (digits === '') return ''
  const inEvent = pointer.slice(1 + digits.length)
  const base = pointerOf(Number(digits))
  for (const [ours, theirs] of tableOf(Number(digits))) {
    if (inEvent === ours || inEvent.startsWith(`${ours}/`)) {
      return base + theirs + inEvent.slice(ours.length)
    }
  }
  return base
}
