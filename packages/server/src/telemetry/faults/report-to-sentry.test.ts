import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startReceiver } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { Refusal } from '../../base/refusal.ts'
import { createSentryReporter } from './report-to-sentry.ts'

const canary = 'canary-c0de'

/**
 * What errors become on their way to a Sentry, half a minute between them.
 * @param told of how many it is to hear: a service that stops waits for it two seconds at most
 */
async function report(told: number, ...errors: unknown[]) {
  await using receiver = await startReceiver()
  let nowMs = 0
  const reporter = createSentryReporter({
    ...{ dsn: receiver.url.replace('http://', 'http://key@').concat('/1'), version: '0' },
    now: () => nowMs,
    onFault: (error) => {
      throw error
    },
  })
  for (const error of errors) {
    reporter.report({ kind: 'background', error })
    nowMs += 30_000
  }
  await expect.poll(() => receiver.taken).toHaveLength(told)
  await reporter[Symbol.asyncDispose]()
  const text = receiver.taken.map(({ body }) => body).join('\n')
  const events = text
    .split('\n')
    .filter((line) => line.includes('"exception"'))
    .map((line) => JSON.parse(line).exception.values[0])
  return { text, events }
}

test('a message is not told, wherever it hides: a parser’s, a cause’s, one that looks like a stack (C-05)', async () => {
  const parsing = (() => {
    try {
      return JSON.parse(`{"a":${canary}}`)
    } catch (error) {
      return error
    }
  })()
  const lookalike = new Error(`x\n    at ${canary} (${import.meta.filename}:1:1)\n`)
  const renamed = new Error(`first\n    at ${canary} (/elsewhere/x.ts:1:1)`)
  renamed.message = 'then'
  const named = Object.assign(new Error(canary), {
    name: `not a name: ${canary}`,
    code: `${canary} !`,
  })
  const caused = new Error('outer', { cause: new Error(canary) })
  const { text, events } = await report(6, parsing, lookalike, renamed, named, caused, canary)
  expect(events.map(({ type }) => type)).toEqual([
    'SyntaxError',
    ...['Error', 'Error', 'Error', 'Error', 'unknown'],
  ])
  expect(text).not.toContain(canary)
})

test('a report goes nowhere that its address redirects to (F-04)', async () => {
  await using elsewhere = await startReceiver()
  const redirect = createServer((_, response) =>
    response.writeHead(307, { location: `${elsewhere.url}/stolen` }).end(),
  ).listen(0, '127.0.0.1')
  await once(redirect, 'listening')
  const { port } = redirect.address() as AddressInfo // of a TCP server that listens
  const asked = once(redirect, 'request')
  const reporter = createSentryReporter({
    ...{ dsn: `http://key@127.0.0.1:${port}/1`, version: '0', now: () => 0 },
    onFault: () => undefined,
  })
  reporter.report({ kind: 'background', error: new Error('x') })
  await asked
  await reporter[Symbol.asyncDispose]()
  redirect.close()
  expect(elsewhere.taken).toEqual([])
})

test('class, code and frames of our code are told', async () => {
  const refusal = new Refusal('store-unavailable', { detail: canary })
  const { text, events } = await report(1, refusal)
  expect(events).toMatchObject([{ type: 'Refusal', value: 'store-unavailable' }])
  const { filename, function: name } = events[0].stacktrace.frames.at(-1)
  expect([filename, typeof name]).toEqual([import.meta.filename, 'string'])
  expect(text).not.toContain(canary)
})

test('a report goes to whom the operator named, and to nobody that one names', async () => {
  await using elsewhere = await startReceiver()
  const named = createServer((_, response) =>
    response.writeHead(307, { location: elsewhere.url }).end(),
  ).listen(0, '127.0.0.1')
  await once(named, 'listening')
  const { port } = named.address() as AddressInfo // of a TCP server that listens
  const faults: unknown[] = []
  const reporter = createSentryReporter({
    ...{ dsn: `http://key@127.0.0.1:${port}/1`, version: '0', now: () => 0 },
    onFault: (error) => faults.push(error),
  })
  reporter.report({ kind: 'background', error: new Error('any') })
  await expect.poll(() => faults).toHaveLength(1)
  await reporter[Symbol.asyncDispose]()
  named.close()
  expect(faults).toHaveLength(1)
  expect(elsewhere.taken).toEqual([])
})

test('a fault that goes on is told once a minute', async () => {
  const error = new Error('always')
  const { events } = await report(2, error, error, error, error)
  expect(events).toHaveLength(2)
})
