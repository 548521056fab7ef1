import { Refusal } from '../../base/refusal.ts'
import { parseJson } from '../../intake/json.ts'

/**
 * An id that is what it names: nothing is kept of an export that was asked for. It opens nothing;
 * what is in it is for whoever asks with it to be allowed.
 */
export const formatContentId = (content: unknown): string =>
  Buffer.from(JSON.stringify(content)).toString('base64url')

/** @returns undefined for what is no such id; else anything, since anybody can make one */
export function parseContentId(id: string): unknown {
  try {
    return parseJson(Buffer.from(id, 'base64url'))
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

export const refuseExport = (): Refusal =>
  new Refusal('resource-unknown', { detail: 'There is no such export.' })
