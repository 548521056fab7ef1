import { ClientError } from './error.ts'
import type { AuditEvent, Head } from './event.ts'
import type { Http } from './http.ts'
import { type Preparation, stringify } from './prepare.ts'
import { submitEvent, submitEvents } from './submit.ts'

export interface AppendOptions {
  readonly signal?: AbortSignal
}

/** Appends: the caller waits until what it submits is durable, or is told why not. */
export interface Appends {
  append(event: AuditEvent, options?: AppendOptions): Promise<Head>
  appendAll(events: readonly AuditEvent[], options?: AppendOptions): Promise<readonly Head[]>
  /** Events appended since the start. */
  readonly appended: number
}

export function createAppends(options: {
  readonly http: Http
  readonly prepare: Preparation
  readonly ask: <T>(attempt: () => Promise<T>, signal?: AbortSignal) => Promise<T>
  readonly assertOpen: () => void
}): Appends {
  const { http, prepare, ask } = options
  let appended = 0

  return {
    get appended() {
      return appended
    },
    async append(event, { signal } = {}) {
      options.assertOpen()
      const submitted = prepare.appended(event)
      try {
        const json = stringify(submitted)
        const head = await ask(() => submitEvent(http, json, signal), signal)
        appended += 1
        return head
      } catch (error) {
        throw error instanceof ClientError ? nameEvent(error, submitted.id) : error
      }
    },
    async appendAll(events, { signal } = {}) {
      options.assertOpen()
      const submitted = events.map((event) => stringify(prepare.appended(event)))
      const heads = await ask(() => submitEvents(http, submitted, signal), signal)
      appended += heads.length
      return heads
    },
  }
}

const nameEvent = (error: ClientError, eventId: string): ClientError => {
  const { code, message, status, errors, retryAfterMs, cause } = error
  return new ClientError(code, message, { status, errors, retryAfterMs, cause, eventId })
}
