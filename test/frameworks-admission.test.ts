import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AuditEvent } from '../packages/client/src/event.ts'
import type { RequestReader, TrailOptions } from '../packages/client/src/frameworks/options.ts'
import { createTrail } from '../packages/client/src/frameworks/trail.ts'
import { createAdmission } from '../packages/server/src/intake/admit.ts'
import { parseJson } from '../packages/server/src/intake/json.ts'
import { createRedactor } from '../packages/server/src/intake/redact.ts'

/** A request as a framework might show it, whatever its caller sent. */
interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly pattern: string | undefined
  readonly body: unknown
  readonly id: unknown
}

const reader: RequestReader<Asked> = {
  method: ({ method }) => method,
  path: ({ url }) => url.split('?', 1)[0] ?? '',
  header: ({ headers }, name) => headers[name],
  ip: ({ headers }) => headers['x-forwarded-for'],
  peer: () => '::1',
  id: ({ id }) => id as string, // as much as a framework’s plugin promises
  pattern: ({ pattern }) => pattern,
  body: ({ body }) => body,
}

/** The events of one request, as they are submitted. */
function recordOne(asked: Asked, options: TrailOptions<Asked>): string[] {
  const submitted: string[] = []
  const record = (event: AuditEvent) => void submitted.push(JSON.stringify(event))
  const trail = createTrail<Asked>(
    {
      record,
      append: () => Promise.reject(new Error('not asked for')),
      run: (context, act) => {
        // As whatever is recorded deep inside has it.
        record({ action: 'a.b', ...(typeof context === 'function' ? context() : context) })
        return act()
      },
      bind: (act) => act,
    },
    { onFault: () => undefined, ...options },
    reader,
  )
  const exchange = trail.begin(asked)
  exchange.run(() => undefined)
  exchange.end({ status: 200, isComplete: true })
  return submitted
}

const redactor = createRedactor({ hashSecret: 'test' })
const { admit } = createAdmission({ clock: Date.now, createId: (ms) => `made-${ms}`, redactor })
/** @throws Refusal where the service would refuse one */
const admitAll = (submitted: readonly string[]) =>
  submitted.map((json) =>
    admit([parseJson(Buffer.from(json))], {
      shape: 'single',
      resolveTenant: (name) => name ?? 'default',
    }),
  )

const nasty = fc.constantFrom(
  '__proto__',
  'constructor',
  'a\0b',
  '\ud800',
  'pwd=x pwd=y',
  'ghp_0123456789abcdefghijklmnop',
  '4111 1111 1111 1111',
  'eyJhbGciOiJIUzI1NiJ9.e30.x',
  'xoxb-abcdefgh',
  'AKIAIOSFODNN7EXAMPLE',
  '',
  'x'.repeat(3_000),
)
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), nasty)
/** As JSON.parse leaves it: nearly anything. */
const body = fc.oneof(
  fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))),
  fc.dictionary(text, fc.oneof(text, fc.double(), fc.array(text), fc.constant(1e22))),
  text.map((part) => ({ note: `${part} `.repeat(20_000 / (part.length + 1)) })),
  fc.constantFrom('pwd', 'secret', 'otp').map((name) => Array(2_000).fill({ [name]: 1 })),
)
const url = fc
  .tuple(fc.array(fc.oneof(text, fc.constantFrom('shops', 'Orders', '%00', '%', '%F0'))), text)
  .map(([segments, query]) => `/${segments.join('/')}?${query}`)
const asked: fc.Arbitrary<Asked> = fc.record({
  method: fc.oneof(fc.constantFrom('GET', 'POST', 'HEAD', 'M-SEARCH'), text),
  url,
  headers: fc.dictionary(
    fc.constantFrom('user-agent', 'x-request-id', 'x-forwarded-for', 'traceparent'),
    text,
  ),
  pattern: fc.oneof(
    fc.constantFrom('/', '/:id', '/orders/:id', '/:a/:b/:token', '/*rest', '/:id?', undefined),
  ),
  body,
  id: fc.anything(),
})

test('whatever a caller sends, there is one event, and the service takes it', () => {
  fc.assert(
    fc.property(asked, fc.nat(40_000), (request, bytesMax) => {
      const submitted = recordOne(request, { payload: { bytesMax } })
      expect(submitted).toHaveLength(2)
      admitAll(submitted)
    }),
    { numRuns: 2_000 },
  )
})

const cyclic: Record<string, unknown> = { id: 'u_1' }
cyclic.self = cyclic
const broken = {
  get id() {
    throw new Error('broken')
  },
}
const nonsense: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
  fc.constantFrom<unknown>(
    cyclic,
    broken,
    Promise.reject(new Error('late')).catch(() => ({ id: 'late' })),
    Object.create(null),
    { id: { toString: () => 'o_1' }, type: 7, name: 'x'.repeat(10_000) },
    { id: 'u_1', behalf: [cyclic, null, { id: 2 }], via: 'nothing' },
    Array(100).fill({ id: 1 }),
    [{ id: '1', more: 'x'.repeat(100_000) }],
    () => 1,
  ),
  fc.record({ id: text, type: text, name: text, more: fc.anything() }, { requiredKeys: ['id'] }),
  fc.array(fc.record({ id: fc.oneof(text, fc.integer()), type: text, more: body })),
)

/** A tenant's name is shown to others: no tenant can be made by such a one, nor named in an event. */
const isSecret = (answer: unknown): boolean =>
  (typeof answer === 'string' || typeof answer === 'number') &&
  redactor.redact(String(answer)) !== String(answer)

test('a tenant that the application names by a card’s number is refused, and put in no other’s log', () => {
  const blank = { method: 'GET', url: '/', pattern: '/', body: undefined, id: undefined }
  const tenant = () => 4_368_207_739_946_431 as unknown as string // as JavaScript may answer
  const submitted = recordOne({ ...blank, headers: {} }, { tenant })
  expect(submitted).toHaveLength(2)
  expect(() => admitAll(submitted)).toThrow('/tenant: Holds what looks like a secret')
})

test('whatever the application’s own functions answer, there is one event, and the service takes it', () => {
  fc.assert(
    fc.property(
      asked,
      fc.record({
        actor: nonsense,
        targets: nonsense,
        data: nonsense,
        tenant: nonsense.filter((answer) => !isSecret(answer)),
        requestId: nonsense,
        skip: fc.constant(false),
      }),
      (request, answers) => {
        // No compiler looks at the JavaScript of an application.
        const options = Object.fromEntries(
          Object.entries(answers).map(([name, answer]) => [name, () => answer]),
        ) as TrailOptions<Asked>
        const submitted = recordOne(request, { ...options, payload: true })
        expect(submitted).toHaveLength(2)
        admitAll(submitted)
      },
    ),
    { numRuns: 2_000 },
  )
})
