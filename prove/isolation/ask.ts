import type { SpawnedServer } from '@indelible/testkit'
import type { Call } from './call.ts'
import { findCanaries } from './canary.ts'

/** How long a stream may take to bring what it owes, and what more is waited for. */
const owedMs = 60_000
const moreMs = 30

/** What came of a call, and what of it the model does not allow. */
export interface Outcome {
  readonly status: number
  /** Entries that were shown to whom they may be shown. */
  readonly seen: number
  /** Entries that were shown to whom they must not be. */
  readonly foreign: number
  readonly fault: string | undefined
}

/** How often a checkpoint is waited for, which takes longer on a machine that is busy. */
const triesMax = 20

/** Makes a call and holds every byte of its answer against the model. */
export async function ask(server: SpawnedServer, call: Call): Promise<Outcome> {
  for (let left = triesMax; ; left--) {
    const { response, text } = await send(server, call)
    const isPending = response.status === 503 && text.includes('"checkpoint-pending"')
    if (!isPending || left === 0) return judge(call, response, text)
    const { status: _, ...anyhow } = call
    const refused = judge(anyhow, response, text)
    if (refused.fault !== undefined) return refused
  }
}

async function send(server: SpawnedServer, call: Call) {
  const { grant, path, method = 'GET', body } = call
  const response = await fetch(`${server.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(grant.authorization === '' ? {} : { authorization: grant.authorization }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...call.headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const isEndless = call.follows !== undefined && response.status === 200
  const text = isEndless ? await readSome(response, call.follows ?? 0) : await response.text()
  return { response, text }
}

function judge(call: Call, { status, headers }: Response, text: string): Outcome {
  const { grant, path, method = 'GET', body, atMost = [], isWhole = false, look } = call
  const allowed = new Set(atMost.map(({ canary }) => canary))
  const asked = findCanaries(decodeURIComponent(path) + JSON.stringify(body ?? ''))
  const found = findCanaries(text)
  const inHeaders = findCanaries([...headers].join('\n'))
  // What the caller wrote comes back in a refusal, and in the link to the next page.
  const isEchoed = call.echoes === true || status >= 400
  const own = (canary: string): boolean => asked.has(canary)
  const shown = [
    ...[...found].filter((canary) => !(isEchoed && own(canary))),
    ...[...inHeaders].filter((canary) => !own(canary)),
  ]
  const foreign = shown.filter((canary) => !allowed.has(canary))
  const missing = [...allowed].filter((canary) => !found.has(canary))
  const told = `${grant.name} asked ${method} ${path} ${body === undefined ? '' : JSON.stringify(body)}`
  const fault = (what: string) => ({
    status,
    seen: 0,
    foreign: foreign.length,
    fault: `${told}: ${what}`,
  })
  if (foreign.length > 0) return fault(`was shown ${foreign.join(', ')}`)
  if (call.status !== undefined && !call.status.includes(status)) {
    return fault(`was answered ${status}, not ${call.status.join(' or ')}: ${text.slice(0, 300)}`)
  }
  if (status >= 300) return { status, seen: 0, foreign: 0, fault: undefined }
  if (isWhole && missing.length > 0) return fault(`was not shown ${missing.slice(0, 5).join(', ')}`)
  const wrong = look?.(text, headers)
  return wrong === undefined
    ? { status, seen: found.size, foreign: 0, fault: undefined }
    : fault(wrong)
}

/** What a stream brings: until all is there that is owed, and for a moment more. */
async function readSome(response: Response, owed: number): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  let timer = setTimeout(() => reader?.cancel(), owedMs)
  let isOwed = true
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { value: '', done: true }
    if (done) break
    text += value
    if (!isOwed || findCanaries(text).size < owed) continue
    isOwed = false
    clearTimeout(timer)
    timer = setTimeout(() => reader?.cancel(), moreMs)
  }
  clearTimeout(timer)
  return text
}
