import { join } from 'node:path'
import { createStackParser, createTransport, type StackFrame } from '@sentry/core'
import { nodeStackLineParser, ServerRuntimeClient } from '@sentry/core/server'
import type { FaultReporter } from './fault-reports.ts'

/** The same fault is told once in this time: a store that is down fails every request. */
const repeatMs = 60_000
/** Faults told apart; with so many different ones, the rest are no news. */
const kindsMax = 100
/** A service that stops waits no longer than this for what is on its way. */
const closeMsMax = 2_000
const sendMsMax = 10_000

/** Where our code and what it stands on is installed: a frame elsewhere is none, whatever it says. */
const root = join(import.meta.dirname, '../../../../..')

const parseStack = createStackParser(nodeStackLineParser())

/**
 * Reports faults to Sentry, or to what takes its envelopes. An error's message may quote what a
 * caller sent (a parser's, a database's do), so it stays in our own diagnostics: what leaves is its
 * class, its code and the frames of our code, with the facts of `FaultReport`.
 */
export function createSentryReporter(options: {
  readonly dsn: string
  readonly version: string
  /** Milliseconds that never go backwards. */
  readonly now: () => number
  /** Told once of each attempt to report that failed. */
  readonly onFault: (error: unknown) => void
}): FaultReporter {
  const { dsn, version, now, onFault } = options
  const toldAt = new Map<string, number>()
  const client = new ServerRuntimeClient({
    ...{ dsn, release: `indelible@${version}`, integrations: [], sendClientReports: false },
    ...{ platform: 'node', runtime: { name: 'node', version: process.version } },
    stackParser: parseStack,
    transport: (transport) =>
      createTransport(transport, async ({ body }) => {
        const { url, headers = {} } = transport
        const signal = AbortSignal.timeout(sendMsMax)
        // A report goes to whom the operator named, not to whom that one names.
        const request = { method: 'POST', body, headers, signal, redirect: 'error' } as const
        const response = await fetch(url, request).catch((error: unknown) => {
          onFault(error)
          throw error
        })
        await response.body?.cancel()
        return {
          statusCode: response.status,
          headers: {
            'retry-after': response.headers.get('retry-after'),
            'x-sentry-rate-limits': response.headers.get('x-sentry-rate-limits'),
          },
        }
      }),
  })
  client.init()

  const isNews = (key: string): boolean => {
    const last = toldAt.get(key)
    if (last !== undefined && now() - last < repeatMs) return false
    if (last === undefined && toldAt.size >= kindsMax) return false
    toldAt.set(key, now())
    return true
  }
  return {
    report({ kind, error, facts = {} }) {
      const { type, code, frames } = describeError(error)
      const { request, ...rest } = facts
      if (!isNews(JSON.stringify([kind, type, code, frames.at(-1), rest]))) return
      client.captureEvent({
        level: kind === 'request' ? 'error' : 'fatal',
        exception: {
          values: [{ type, value: code ?? kind, stacktrace: { frames } }],
        },
        tags: { kind, ...rest, ...(request === undefined ? {} : { request }) },
      })
    },
    async [Symbol.asyncDispose]() {
      await client.close(closeMsMax)
    },
  }
}

const isOfCode = ({ filename = '' }: StackFrame): boolean =>
  filename.startsWith('node:') || filename.replace(/^file:\/\//, '').startsWith(root)

/** Names and codes are ours, Node's or a library's; anything that reads like a sentence is not. */
const word = /^[\w.$-]{1,64}$/

function describeError(error: unknown): {
  readonly type: string
  readonly code: string | undefined
  readonly frames: StackFrame[]
} {
  if (!(error instanceof Error)) return { type: 'unknown', code: undefined, frames: [] }
  const { name, stack = '', message } = error
  const { code } = error as { readonly code?: unknown } // of Node's, the databases' and our own
  // A message can have lines that look like frames.
  const at = stack.indexOf(message)
  const lines = message !== '' && at >= 0 ? stack.slice(at + message.length) : stack
  return {
    type: word.test(name) ? name : 'Error',
    code: typeof code === 'string' && word.test(code) ? code : undefined,
    frames: parseStack(lines).filter(isOfCode),
  }
}
