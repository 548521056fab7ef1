import { readFileSync } from 'node:fs'
import { type Fault, limits } from '@indelible/protocol'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../base/refusal.ts'
import { createAdmission, type ResolveTenant } from './admit.ts'
import { parseJson } from './json.ts'
import { createRedactor } from './redact.ts'
import { createActionSchema, createSchemaBudget } from './schemas/action-schema.ts'

interface InvalidEvent {
  readonly name: string
  readonly value: unknown
  readonly pointers: readonly string[]
}
const vectors: { readonly cases: readonly InvalidEvent[] } = JSON.parse(
  readFileSync(new URL('../../../../vectors/events/invalid-event.json', import.meta.url), 'utf8'),
)

const now = Date.parse('2026-11-20T20:12:00.000Z')
const redactor = createRedactor({ hashSecret: 'test' })
const { admit } = createAdmission({ clock: () => now, createId: (ms) => `made-${ms}`, redactor })
const resolveTenant: ResolveTenant = (name) => name ?? 'default'
const minimal = { action: 'a.b', actor: { id: 'u_1' } }

const admitOne = (value: unknown) => {
  const [event] = admit([value], { shape: 'single', resolveTenant })
  if (event === undefined) throw new Error('nothing was admitted')
  return event
}
const admitBatch = (values: unknown[], resolve = resolveTenant) =>
  admit(values, { shape: 'batch', resolveTenant: resolve })

function catchFaults(submit: () => unknown): readonly Fault[] {
  try {
    submit()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    expect(error.code).toBe('event-invalid')
    return error.errors ?? []
  }
  throw new Error('nothing was refused')
}
const pointersOf = (faults: readonly Fault[]) => faults.map(({ pointer }) => pointer).toSorted()

describe('an event that is none is refused, every fault by its pointer (J-12, J-13)', () => {
  it.each(vectors.cases)('$name', ({ value, pointers }) => {
    const faults = catchFaults(() => admitOne(value))
    expect(pointersOf(faults)).toEqual(pointers.toSorted())
    for (const { detail } of faults) expect(detail).toMatch(/^[A-Z"0-9].*[.?]$/)
  })

  it.each(vectors.cases)('$name, in a batch with good events', ({ value, pointers }) => {
    const faults = catchFaults(() => admitBatch([minimal, value, minimal]))
    expect(pointersOf(faults)).toEqual(pointers.map((pointer) => `/1${pointer}`).toSorted())
  })
})

describe('a refusal says what to do', () => {
  it.each([
    [{ ...minimal, acton: 'x' }, 'Unknown member "acton": did you mean "action"?'],
    [{ ...minimal, outcom: 'x' }, 'Unknown member "outcom": did you mean "outcome"?'],
    [
      { ...minimal, payload: 1 },
      'Unknown member "payload". Anything of your own goes into "data".',
    ],
    [{ ...minimal, hash: 'x' }, '"hash" is the ledger\'s to say and can not be submitted.'],
    [{ action: 'a' }, 'Missing: "actor" is required.'],
    [{ ...minimal, outcome: 'ok' }, 'Must be "success", "failure", "denied" or "unknown".'],
    [{ ...minimal, data: [] }, 'Must be an object.'],
    [{ ...minimal, action: 'x'.repeat(201) }, 'Longer than 200 characters.'],
    [{ ...minimal, time: '2026-02-30T00:00:00Z' }, 'There is no day 30 in that month.'],
  ])('%#: %j', (value, detail) => {
    expect(catchFaults(() => admitOne(value))).toMatchObject([{ detail }])
  })

  it('and no more than a hundred faults by name', () => {
    const faults = catchFaults(() => admitBatch(Array(5_000).fill({})))
    expect(faults).toHaveLength(101)
    expect(faults.at(-1)?.detail).toMatch(/^At least \d+ more faults\.$/)
  })
})

describe('a place too long to name is pointed to by what it is in', () => {
  const data = { ok: { ['k'.repeat(100_000)]: [JSON.parse('{"__proto__":1}')] } }
  it('where our own rules refuse it', () => {
    const faults = catchFaults(() => admitOne({ ...minimal, data }))
    expect(pointersOf(faults)).toEqual(['/data/ok'])
  })
  it('where a schema does', () => {
    const deep = createActionSchema(
      '{"properties":{"data":{"additionalProperties":{"additionalProperties":{"type":"null"}}}}}',
    )
    const faults = deep.findFaults({ data }, createSchemaBudget())
    expect(pointersOf(faults)).toEqual(['/data/ok'])
  })
})

describe('a rule that looks for digits', () => {
  const rules = { add: [{ name: 'code', pattern: '12##', action: 'mask' as const }] }
  const strict = createAdmission({
    ...{ clock: () => now, createId: String },
    redactor: createRedactor({ hashSecret: 'test', rules }),
  })
  const admitWith = (id: string) =>
    strict.admit([{ ...minimal, id }], { shape: 'single', resolveTenant })
  it.each([
    '01900000-1234-7abc-8abc-123456789012',
    '123456789012345678901234567890123456789012345678901234567890abcd',
  ])('leaves an id that a machine made: %s', (id) => {
    const [event] = admitWith(id)
    expect(event?.id).toBe(id)
    expect(event?.parts.core).toContain(`"id":"${id}"`)
  })
  it('refuses any other in which it finds some', () => {
    expect(pointersOf(catchFaults(() => admitWith('order-123456')))).toEqual(['/id'])
  })
})

it('a rule that finds something in almost every text leaves an event that can be read', () => {
  const rules = { add: [{ name: 'x', pattern: 'c', action: 'mask' as const }] }
  const strict = createAdmission({
    ...{ clock: () => now, createId: String },
    redactor: createRedactor({ hashSecret: 'test', rules }),
  })
  const [event] = strict.admit(
    [{ action: 'a.b', actor: { id: 'rich' }, targets: [{ id: 'ice' }], outcome: 'success' }],
    { shape: 'single', resolveTenant },
  )
  expect(event?.parts).toMatchObject({
    core: expect.stringContaining('"outcome":"success"'),
    actor: '{"type":"user","id":"ri[redacted:x]h"}',
    targets: '[{"id":"i[redacted:x]e"}]',
  })
})

describe('bounds of an event', () => {
  const nested = (levels: number): unknown => {
    let value: unknown = 1
    for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value }
    return value
  }
  it('depth 32 is kept, the event itself being depth 1', () => {
    admitOne({ ...minimal, data: { a: nested(limits.eventDepthMax - 2) } })
  })
  it.each([33, 1_000, 4_000])('depth %i is refused (J-01)', (depth) => {
    const faults = catchFaults(() => admitOne({ ...minimal, data: { a: nested(depth - 2) } }))
    expect(faults).toHaveLength(1)
    expect(faults[0]?.pointer.split('/')).toHaveLength(limits.eventDepthMax + 1)
  })
  const members = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, number) => [`m${number}`, number]))
  it('1,000 members of one object are kept, 1,001 refused (J-09)', () => {
    admitOne({ ...minimal, data: { a: members(1_000) } })
    const faults = catchFaults(() => admitOne({ ...minimal, data: { a: members(1_001) } }))
    expect(pointersOf(faults)).toEqual(['/data/a'])
  })
  it('a prototype’s names are refused at every level, and as parsed (J-04)', () => {
    const text = '{"action":"a","actor":{"id":"u","__proto__":{}},"data":{"x":[{"__proto__":1}]}}'
    const faults = catchFaults(() => admitOne(parseJson(Buffer.from(text))))
    expect(pointersOf(faults)).toEqual(['/actor/__proto__', '/data/x/0/__proto__'])
    const top = '{"action":"a","actor":{"id":"u"},"__proto__":{"tenant":"other"}}'
    expect(pointersOf(catchFaults(() => admitOne(parseJson(Buffer.from(top)))))).toEqual([
      '/__proto__',
    ])
  })
  it('names such as toString are data like any other (J-04)', () => {
    const data = { toString: 'x', hasOwnProperty: 'y', valueOf: null }
    expect(admitOne({ ...minimal, data }).parts.data).toBe(JSON.stringify(data))
  })
  it('more bytes than an event has, as kept, are refused', () => {
    const fits = admitOne({ ...minimal, data: { x: 'é'.repeat(130_000) } })
    expect(fits.bytes).toBeLessThanOrEqual(limits.eventBytesMax)
    const faults = catchFaults(() => admitBatch([{ ...minimal, data: { x: 'é'.repeat(131_100) } }]))
    expect(pointersOf(faults)).toEqual(['/0'])
  })
  it('what redaction makes small enough is kept, but not what is far too large', () => {
    const token = (chars: number) => ({ ...minimal, data: { token: 'x'.repeat(chars) } })
    expect(admitOne(token(300_000)).parts.data).toBe('{"token":"[redacted:token]"}')
    expect(pointersOf(catchFaults(() => admitOne(token(8_000_000))))).toEqual([''])
  })
})

describe('what redacting costs is bounded, so that no request holds up the others', () => {
  const data = (text: string, length: number) => ({
    ...minimal,
    data: { text: text.repeat(length) },
  })
  const full = data('pwd=[redacted:password]&', 10_000)
  const costly = Array.from({ length: 10 }, () => data('pwd=x&', 39_000))
  it('an event that is full of masks is kept', () => {
    expect(admitOne(data('pwd=x&', 10_000)).parts.data).toBe(JSON.stringify(full.data))
  })
  it('an event of more secrets than it could have masks is refused, and those beside it kept', () => {
    const faults = catchFaults(() => admitBatch([minimal, data('pwd=x&', 43_000), full]))
    expect(faults).toEqual([
      { pointer: '/1', detail: 'Holds too many secrets to take out: send it without them.' },
    ])
    const admitted = admit([data('pwd=x&', 43_000), full], {
      ...{ shape: 'batch', resolveTenant, lesserOf: () => [minimal] },
    })
    expect(admitted.map(({ parts }) => parts.data)).toEqual([undefined, JSON.stringify(full.data)])
  })
  it('a request of too many such events is refused: fewer at once are not', () => {
    const faults = catchFaults(() => admitBatch([...costly, data('pwd=x&', 1)]))
    expect(faults.at(-1)?.pointer).toBe('/10')
    expect(faults.at(-1)?.detail).toContain('send fewer at once')
    expect(() => admitOne(data('pwd=x&', 1))).not.toThrow()
  })
})

describe('what is kept of an event', () => {
  it('is its parts, core in the fixed order, the others as submitted', () => {
    const event = admitOne({
      time: '2026-11-20T20:11:00.123Z',
      data: { z: 1, a: { y: -0, b: 'Zoë' } },
      tenant: 'acme',
      changes: { after: { x: 1 }, before: null },
      targets: [{ name: 'T', id: 't' }],
      context: { ip: '::1' },
      source: 'crm',
      outcome: 'denied',
      id: 'e-1',
      actor: { name: 'Ann', id: 'u_1', type: 'service', team: 'x' },
      action: 'a.b',
    })
    expect(event.parts).toEqual({
      core:
        '{"action":"a.b","id":"e-1","outcome":"denied","source":"crm","tenant":"acme",' +
        '"time":"2026-11-20T20:11:00.123Z"}',
      actor: '{"name":"Ann","id":"u_1","type":"service","team":"x"}',
      changes: '{"after":{"x":1},"before":null}',
      context: '{"ip":"::1"}',
      data: '{"z":1,"a":{"y":0,"b":"Zoë"}}',
      targets: '[{"name":"T","id":"t"}]',
    })
    expect(event.bytes).toBe(Buffer.byteLength(Object.values(event.parts).join('')))
    expect(event).toMatchObject({ tenant: 'acme', id: 'e-1', idStamped: false, timeStamped: false })
  })

  it('has defaults for what was left out, and says which were stamped', () => {
    const event = admitOne(minimal)
    expect(event.parts).toEqual({
      core:
        `{"action":"a.b","id":"made-${now}","outcome":"success","tenant":"default",` +
        '"time":"2026-11-20T20:12:00.000Z"}',
      actor: '{"type":"user","id":"u_1"}',
    })
    expect(event).toMatchObject({ id: `made-${now}`, idStamped: true, timeStamped: true })
  })

  it('is an empty part where an empty one was submitted', () => {
    const { parts } = admitOne({ ...minimal, targets: [], context: {}, changes: {}, data: {} })
    expect(parts).toMatchObject({ targets: '[]', context: '{}', changes: '{}', data: '{}' })
  })

  it('has its secrets taken out', () => {
    const { parts } = admitOne({
      ...minimal,
      source: 'job ghp_0123456789abcdefghijklmnopqrstuvwxyz',
      data: { password: 'hunter2' },
    })
    expect(parts.core).toContain('"source":"job [redacted:vendor-key]"')
    expect(parts.data).toBe('{"password":"[redacted:password]"}')
  })

  it('is admitted in the order submitted, and an empty batch is no fault', () => {
    const ids = ['c', 'a', 'b', 'a']
    expect(admitBatch(ids.map((id) => ({ ...minimal, id }))).map(({ id }) => id)).toEqual(ids)
    expect(admitBatch([])).toEqual([])
  })
})

describe('time', () => {
  it.each([
    ['2026-11-20T20:11:00Z', '2026-11-20T20:11:00.000Z'],
    ['2026-11-20t20:11:00.1z', '2026-11-20T20:11:00.100Z'],
    ['2026-11-20T21:11:00.123999999+01:00', '2026-11-20T20:11:00.123Z'],
    ['2026-11-20T14:26:00-05:45', '2026-11-20T20:11:00.000Z'],
    ['2026-11-20T20:11:00-00:00', '2026-11-20T20:11:00.000Z'],
    ['2024-02-29T12:00:00Z', '2024-02-29T12:00:00.000Z'],
    ['2000-02-29T12:00:00Z', '2000-02-29T12:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['0099-12-31T23:59:59.9999Z', '0099-12-31T23:59:59.999Z'],
    ['2026-11-20T20:17:00.000Z', '2026-11-20T20:17:00.000Z'],
  ])('%s is kept as %s', (time, kept) => {
    const { core } = admitOne({ ...minimal, time }).parts
    expect(JSON.parse(core)).toMatchObject({ time: kept })
  })

  it('is judged alike for every event of a batch, whatever came before it (J-13)', () => {
    const time = (text: string) => ({ ...minimal, time: text })
    const faults = catchFaults(() =>
      admitBatch([
        time('2026-11-20T20:11:00.000Z'),
        time('2026-11-20T20:17:00.001Z'),
        time('2026-11-20T24:00:00.000Z'),
        time('2026-11-20T20:11:60.000Z'),
        time('2026-11-20T20:11:00.000Z'),
      ]),
    )
    expect(pointersOf(faults)).toEqual(['/1/time', '/2/time', '/3/time'])
  })
})

describe('tenant', () => {
  const refuse = (code: 'event-invalid' | 'scope-insufficient') => (_name: unknown, at: string) => {
    throw new Refusal(code, { detail: 'No.', errors: [{ pointer: at, detail: 'No.' }] })
  }

  it('is asked for once in a batch, by the name submitted', () => {
    const asked: unknown[] = []
    admitBatch(
      [minimal, { ...minimal, tenant: 'a' }, minimal, { ...minimal, tenant: 'a' }],
      (name) => {
        asked.push(name)
        return name ?? 'default'
      },
    )
    expect(asked).toEqual([undefined, 'a'])
  })

  it('that must be named is one fault among the others', () => {
    const faults = catchFaults(() =>
      admitBatch([minimal, { ...minimal, x: 1 }], refuse('event-invalid')),
    )
    expect(pointersOf(faults)).toEqual(['/0/tenant', '/1/tenant', '/1/x'])
  })

  it('that is not the caller’s is told before any fault of the events', () => {
    expect(() => admitBatch([{ ...minimal, x: 1 }], refuse('scope-insufficient'))).toThrow(
      expect.objectContaining({ code: 'scope-insufficient' }),
    )
  })
})
