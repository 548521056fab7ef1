import { type VerifiedReceipt, verifyReceipt } from '@indelible/proof'
import { type ClientError, toClientError } from './error.ts'
import type { Entry, EntryPage } from './event.ts'
import { createEventStreamParser } from './event-stream.ts'
import type { Http, ParameterValue } from './http.ts'
import * as limits from './limits.ts'
import { type Backoff, pause } from './retry.ts'

/** What to look for. A field's path is a member of its own: `'actor.id': 'u_1'`; an array is OR. */
export interface Filter {
  /** The search grammar: `action:invoice.* -outcome:success`. */
  readonly q?: string
  readonly tenant?: string
  readonly since?: string
  readonly until?: string
  readonly [path: string]: ParameterValue
}

export interface SearchQuery extends Filter {
  readonly limit?: number
  readonly cursor?: string
  readonly order?: 'asc' | 'desc'
}

export interface ExportQuery extends Filter {
  readonly format?: 'ndjson' | 'csv' | 'receipts'
  readonly order?: 'asc' | 'desc'
}

export interface StreamOptions {
  /** Resumes behind the entry of this index; -1 begins with the first. Default: the next entry. */
  readonly after?: number
  /** Ends the stream; no error. */
  readonly signal?: AbortSignal
}

export interface ReadOptions {
  readonly tenant?: string
}

/** A receipt, as JSON. What it says is worth nothing until `verifyReceipt` has said so. */
export type ReceiptJson = unknown

export interface Reads {
  /** One page, newest first. @throws ClientError, as all of these do */
  search(query?: SearchQuery): Promise<EntryPage>
  /** One entry. @throws ClientError `entry-unknown` */
  get(id: string, options?: ReadOptions): Promise<Entry>
  /** Entries as they are appended, resumed after every break, without gap or repeat. */
  stream(query?: Filter, options?: StreamOptions): AsyncGenerator<Entry, void, undefined>
  /** The bytes of an export of any size, as they come: to write to a file. */
  export(query?: ExportQuery): AsyncGenerator<Uint8Array, void, undefined>
  /** The receipt of an entry, once a checkpoint covers it. */
  receipt(id: string, options?: ReadOptions): Promise<ReceiptJson>
  /**
   * Checks a receipt, offline, against keys that were pinned when the log began to be trusted.
   * @throws VerificationError of @indelible/proof, with its `code`
   */
  verifyReceipt(receipt: ReceiptJson, keys: readonly string[]): Promise<VerifiedReceipt>
}

export function createReads(options: {
  /** Asked where the caller names none. */
  readonly tenant: string | undefined
  readonly http: Http
  readonly ask: <T>(attempt: () => Promise<T>) => Promise<T>
  readonly createBackoff: () => Backoff
  readonly onRetry: (error: ClientError, retryInMs: number) => void
}): Reads {
  const { http, ask } = options
  const over = (query: Filter): Filter =>
    options.tenant === undefined ? query : { tenant: options.tenant, ...query }
  const read = <T>(path: string, query: Filter): Promise<T> =>
    ask(() => http.json<T>(path, { parameters: over(query) }))
  const pathOf = (id: string) => `/v1/events/${encodeURIComponent(id)}`

  /** One connection: entries until it breaks off, whether it says so or falls silent. */
  async function* follow(
    query: Filter,
    after: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<{ id: string | undefined; entry?: Entry }> {
    // A signal of its own: the stream's would gather a listener with every connection.
    const connection = new AbortController()
    const end = () => connection.abort()
    signal.addEventListener('abort', end, { once: true })
    try {
      const response = await http.open('/v1/stream', {
        parameters: over(query),
        headers: after === undefined ? {} : { 'last-event-id': after },
        signal: connection.signal,
      })
      const parse = createEventStreamParser()
      for await (const chunk of readBody(response, limits.streamSilenceMsMax)) {
        for (const { id, data } of parse(chunk)) {
          // The service's answers have the shapes the protocol gives them.
          yield data === undefined ? { id } : { id, entry: JSON.parse(data) as Entry }
        }
      }
    } finally {
      signal.removeEventListener('abort', end)
      connection.abort()
    }
  }

  async function* stream(query: Filter = {}, { after, signal }: StreamOptions = {}) {
    const ending = new AbortController()
    const end = () => ending.abort()
    if (signal?.aborted) return
    signal?.addEventListener('abort', end, { once: true })
    const backoff = options.createBackoff()
    let last = after === undefined ? undefined : String(after)
    try {
      while (!ending.signal.aborted) {
        let waitMs = 0
        try {
          for await (const { id, entry } of follow(query, last, ending.signal)) {
            backoff.reset()
            last = id ?? last
            if (entry !== undefined) yield entry
          }
        } catch (thrown) {
          if (ending.signal.aborted) return
          const error = toClientError(thrown)
          if (!error.isTransient) throw error
          waitMs = backoff.after(error)
          options.onRetry(error, waitMs)
        }
        // Ended in peace: the service restarts, or the key's time is up, which it says next.
        await pause(waitMs || limits.retryBaseMs, ending.signal)
      }
    } finally {
      signal?.removeEventListener('abort', end)
      ending.abort()
    }
  }

  async function* exportEntries(query: ExportQuery = {}) {
    const ending = new AbortController()
    try {
      const { signal } = ending
      const response = await ask(() => http.open('/v1/export', { parameters: over(query), signal }))
      try {
        yield* readBody(response)
      } catch (error) {
        throw toClientError(error)
      }
    } finally {
      ending.abort()
    }
  }

  return {
    search: (query = {}) => read('/v1/events', query),
    get: (id, options = {}) => read(pathOf(id), { ...options }),
    stream,
    export: exportEntries,
    receipt: (id, options = {}) => read(`${pathOf(id)}/receipt`, { ...options }),
    verifyReceipt,
  }
}

/** Chunks of a body. @throws Error where it breaks off, or is silent for longer than it may be */
async function* readBody(response: Response, silenceMsMax?: number): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    for (;;) {
      const silence =
        silenceMsMax === undefined
          ? undefined
          : new Promise<never>((_, reject) => {
              timer = setTimeout(() => reject(new Error('The stream fell silent.')), silenceMsMax)
            })
      const read = reader.read()
      const { done, value } = await (silence === undefined ? read : Promise.race([read, silence]))
      clearTimeout(timer)
      if (done) return
      yield value
    }
  } finally {
    clearTimeout(timer)
    // Lets the connection go where the reader left early; broken already, it has nothing to say.
    await reader.cancel().catch(() => undefined)
  }
}
