import type { BrowserStorage } from '../preferences/browser-storage.ts'

/**
 * What this browser knows of a log by itself: the keys it saw first, and the newest checkpoint that
 * it verified. It is kept by origin, as `localStorage` is, so that a service cannot change its mind
 * unseen. Whoever controls this machine, or the script that the service sends, controls this too.
 */
export interface Pin {
  readonly tenant: string
  readonly origin: string
  /** The log's verifier key, by whose signature a checkpoint counts. */
  readonly vkey: string
  /** The instance's cosigner, for the time in its cosignature. */
  readonly cosigner: string
  /** When the keys were first seen, RFC 3339. */
  readonly pinned: string
  /** Keys that it had before, each of which vouched for the next: what they signed counts, too. */
  readonly former?: readonly string[]
  /** When this browser followed a rotation to `vkey`, RFC 3339. */
  readonly rotated?: string
  /** Newest verified checkpoint. */
  readonly seen?: SeenCheckpoint
  /** Some of those that were verified here, oldest first: for people, no check relies on them. */
  readonly history?: readonly SeenCheckpoint[]
}

export interface SeenCheckpoint {
  readonly size: number
  /** Hex. */
  readonly root: string
  /** When it was verified here, RFC 3339. */
  readonly at: string
}

export interface Pins {
  readonly read: (tenant: string) => Pin | undefined
  readonly write: (pin: Pin) => void
  readonly forget: (tenant: string) => void
}

const keyOf = (tenant: string) => `indelible.pin.v1:${tenant}`

const hasTexts = (value: object, names: readonly string[]): boolean =>
  names.every((name) => typeof Reflect.get(value, name) === 'string')

function isPin(value: unknown): value is Pin {
  if (typeof value !== 'object' || value === null) return false
  if (!hasTexts(value, ['tenant', 'origin', 'vkey', 'cosigner', 'pinned'])) return false
  const former: unknown = Reflect.get(value, 'former') ?? []
  if (!Array.isArray(former) || former.some((key) => typeof key !== 'string')) return false
  const seen: unknown = Reflect.get(value, 'seen')
  return seen === undefined || isSeen(seen)
}

const isSeen = (seen: unknown): seen is SeenCheckpoint =>
  typeof seen === 'object' &&
  seen !== null &&
  hasTexts(seen, ['root', 'at']) &&
  Number.isSafeInteger(Reflect.get(seen, 'size'))

/** What is beside the pin must not cost it. */
const readHistory = ({ history }: { readonly history?: unknown }): SeenCheckpoint[] =>
  Array.isArray(history) ? history.filter(isSeen) : []

/** Checkpoints of one log that are remembered: enough to see how it grew. */
const historyMax = 50

/**
 * The history with one more, in which only a larger log is news. Beyond the bound the one goes
 * whose neighbours are nearest in time, so that what is left reaches back to the first.
 */
export function extendHistory(
  history: readonly SeenCheckpoint[],
  found: SeenCheckpoint,
): readonly SeenCheckpoint[] {
  const last = history.at(-1)
  if (last !== undefined && last.size >= found.size) return history
  const all = [...history, found]
  if (all.length <= historyMax) return all
  const gapAround = (n: number) =>
    Date.parse(all[n + 1]?.at ?? '') - Date.parse(all[n - 1]?.at ?? '')
  let dropped = 1
  for (let n = 2; n < all.length - 1; n++) if (gapAround(n) < gapAround(dropped)) dropped = n
  return all.toSpliced(dropped, 1)
}

/** What is kept but can't be read throws: forgetting a pin unasked would hide what it is for. */
export class PinUnreadable extends Error {}

export function createPins(storage: BrowserStorage): Pins {
  return {
    read(tenant) {
      const text = storage.getItem(keyOf(tenant))
      if (text === null) return undefined
      try {
        const value: unknown = JSON.parse(text)
        if (isPin(value) && value.tenant === tenant) {
          return { ...value, history: readHistory(value) }
        }
      } catch {
        // Said below, in words.
      }
      throw new PinUnreadable('What this browser had pinned for the log can’t be read any more.')
    },
    write: (pin) => storage.setItem(keyOf(pin.tenant), JSON.stringify(pin)),
    forget: (tenant) => storage.removeItem(keyOf(tenant)),
  }
}
