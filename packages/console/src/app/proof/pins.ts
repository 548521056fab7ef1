import type { BrowserStorage } from '../preferences/browser-storage.ts'

/**
 * What this browser knows of a log by itself: the keys it saw first, and the newest checkpoint that
 * it verified. It is kept by origin, as `localStorage` is, so that a service cannot change its mind
 * unseen. Whoever controls this machine, or the script that the service sends, controls this too.
 */
export interface Pin {
  readonly tenant: string
  readonly origin: string
  /** The log's verifier key; the only one whose signature counts. */
  readonly vkey: string
  /** The instance's cosigner, for the time in its cosignature. */
  readonly cosigner: string
  /** When the keys were first seen, RFC 3339. */
  readonly pinned: string
  /** Newest verified checkpoint. */
  readonly seen?: SeenCheckpoint
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
  const seen: unknown = Reflect.get(value, 'seen')
  if (seen === undefined) return true
  if (typeof seen !== 'object' || seen === null) return false
  return hasTexts(seen, ['root', 'at']) && Number.isSafeInteger(Reflect.get(seen, 'size'))
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
        if (isPin(value) && value.tenant === tenant) return value
      } catch {
        // Said below, in words.
      }
      throw new PinUnreadable('What this browser had pinned for the log can’t be read any more.')
    },
    write: (pin) => storage.setItem(keyOf(pin.tenant), JSON.stringify(pin)),
    forget: (tenant) => storage.removeItem(keyOf(tenant)),
  }
}
