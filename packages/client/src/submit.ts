import { ClientError } from './error.ts'
import type { Head } from './event.ts'
import type { Http } from './http.ts'

/**
 * Submits an event, once.
 * @param json the event
 * @throws ClientError, also where what answers is no head: whatever stands between may answer anything
 */
export async function submitEvent(http: Http, json: string, signal?: AbortSignal): Promise<Head> {
  const answer = await post(http, json, signal)
  if (isHeadOf(answer, json)) return answer
  throw withoutHeads()
}

/** The same for several, in one request: all of them or none. Heads in the events' order. */
export async function submitEvents(
  http: Http,
  events: readonly string[],
  signal?: AbortSignal,
): Promise<readonly Head[]> {
  const answer = await post(http, `[${events.join(',')}]`, signal)
  const heads: unknown =
    typeof answer === 'object' && answer !== null && 'entries' in answer
      ? answer.entries
      : undefined
  const isWhole =
    Array.isArray(heads) &&
    heads.length === events.length &&
    events.every((json, at) => isHeadOf(heads[at], json))
  if (isWhole) return heads
  throw withoutHeads()
}

const post = (http: Http, body: string, signal: AbortSignal | undefined): Promise<unknown> =>
  http.json('/v1/events', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal,
  })

/**
 * Its own: a cache, or a proxy that mixes up its connections, answers with the heads of others. The id is
 * looked for in the text: to parse each event again would cost more than to send it.
 */
const isHeadOf = (value: unknown, json: string): value is Head =>
  typeof value === 'object' &&
  value !== null &&
  'index' in value &&
  'hash' in value &&
  'id' in value &&
  json.includes(`"id":"${value.id}"`)

const withoutHeads = () =>
  new ClientError('answer-unexpected', 'The service answers without the events’ heads.')
