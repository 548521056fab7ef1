import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClient } from './index.ts'

const actor = { id: 'u_1' }
let lines: string[]

beforeEach(() => {
  lines = []
  vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(String(line)))
})
afterEach(() => void vi.restoreAllMocks())

/** A client of a service that answers as told, one event a request. */
const open = (answer: () => Response, options: object = {}) =>
  createClient({
    url: 'http://audit.example',
    fetch: async () => answer(),
    random: () => 0,
    batchEventsMax: 1,
    lingerMs: 0,
    drainOnSigterm: false,
    ...options,
  })

const refuse = (detail: string) => () =>
  Response.json({ code: 'credentials-invalid', detail }, { status: 401 })
const heads = { entries: [{ id: 'e', tenant: 'default', index: 0, hash: '' }] }

test('without hooks a key that has everything refused is told, at the 1st, 10th and 100th event', async () => {
  await using audit = open(refuse('Not valid.'))
  for (let n = 0; n < 120; n += 1) audit.record({ action: 'invoice.viewed', actor, id: `e${n}` })
  await audit.flush()
  expect(lines).toEqual([
    'indelible: event e0 was refused for good: Not valid.',
    'indelible: 10 events were refused for good: Not valid.',
    'indelible: 100 events were refused for good: Not valid.',
  ])
})

test('without hooks an outage is told once, and the next one again', async () => {
  let failures = 3
  const answer = () => (failures-- > 0 ? new Response('', { status: 503 }) : Response.json(heads))
  await using audit = open(answer)
  const said = expect.stringContaining('status 503; is it Indelible? What is recorded waits')
  audit.record({ action: 'invoice.viewed', actor, id: 'e' })
  await audit.flush()
  expect(lines).toEqual([said])
  failures = 3
  audit.record({ action: 'invoice.viewed', actor, id: 'e' })
  await audit.flush()
  expect(lines).toEqual([said, said])
})

test('what a service quotes of an event writes one line, and no end of different ones', async () => {
  let told = 0
  await using audit = open(() => refuse(`Unknown member "\n\u001B[2J${told++}".`)())
  for (let n = 0; n < 150; n += 1) audit.record({ action: 'invoice.viewed', actor })
  await audit.flush()
  expect(lines).toHaveLength(100 + 2) // of the 50 others the 1st and the 10th
  expect(lines.join('')).not.toMatch(/\p{Cc}/u)
})

test('a client without a key says so in its own words', async () => {
  const detail = 'Send "Authorization: Bearer …".'
  await using audit = open(() =>
    Response.json({ code: 'credentials-missing', detail }, { status: 401 }),
  )
  const appended = audit.append({ action: 'invoice.paid', actor })
  await expect(appended).rejects.toThrow('the client has no `key`')
})
