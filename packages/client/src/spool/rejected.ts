import type { ClientError } from '../error.ts'
import * as limits from '../limits.ts'
import { requireFs, spoolFailed, syncFolderOf } from './files.ts'

/** Where events go that the service refuses for good. */
export interface RejectedFile {
  /**
   * @returns false where the file has its full size: the hook alone gets the event then
   * @throws ClientError `spool-failed` where it can't be written
   */
  keep(json: string, error: ClientError): boolean
}

/**
 * Beside the spool, one JSON object a line: when and why, and the event as it was sent. It is written
 * before the event leaves the spool; a crash in between leaves a line twice, never none.
 */
export function createRejectedFile(options: {
  readonly path: string
  readonly clock: () => number
  readonly isSynced: boolean
}): RejectedFile {
  const { path } = options
  const fs = requireFs()
  /** Synced, whoever made the file: a power cut takes a file whose name is not on the disk. */
  let isNameSynced = !options.isSynced
  return {
    keep(json, error) {
      try {
        const size = fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0
        if (size > limits.rejectedBytesMax) return false
        const { code, message, errors } = error
        const time = new Date(options.clock()).toISOString()
        const why = JSON.stringify({ time, code, detail: message, errors })
        // A line that isn't an event's JSON is kept as text.
        const event = isJson(json) ? json : JSON.stringify(json)
        fs.writeFileSync(path, `${why.slice(0, -1)},"event":${event}}\n`, {
          flag: 'a',
          mode: 0o600,
          flush: options.isSynced,
        })
        if (!isNameSynced) syncFolderOf(fs, path)
        isNameSynced = true
        return true
      } catch (failure) {
        throw spoolFailed(path, failure)
      }
    },
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
