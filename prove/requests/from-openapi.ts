import type { Random } from '@indelible/testkit'
import type { DocumentedAnswers, Shape, ValidRequest } from './draft.ts'
import { type JsonSchema, sample } from './sample-schema.ts'
import { stillSize, usersMax, type World } from './world.ts'

/** The parts of the service's own OpenAPI document that requests are made of. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>
}
interface DocumentedOperation {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, { readonly content?: Record<string, Media> }>>
}
interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required?: boolean
}
interface Media {
  readonly schema?: JsonSchema & { readonly 'x-problem-codes'?: readonly string[] }
  readonly example?: unknown
}

type Values = (world: World, random: Random, n: number) => readonly string[]

/** What parameters take, by their names. */
const parameterValues: Readonly<Record<string, Values>> = {
  tenant: ({ still }) => [still],
  q: () => [
    ...['action:order.*', 'u_1', '-outcome:failure data.n:3', '"free"', 'actor:u_1,u_2'],
    ...['since:2026-01-01 until:now', 'data.plan:pr* -action:order.sent', 'target:*'],
  ],
  since: () => ['2026-01-01', '2026-01-02T03:04:05Z', 'now-30d'],
  until: () => ['2036-01-01', 'now', 'now+1h'],
  limit: () => ['1', '5', '50', '1000'],
  cursor: ({ cursor }) => [cursor],
  order: () => ['asc', 'desc'],
  format: () => ['ndjson', 'csv', 'receipts'],
  interval: () => ['hour', 'day', 'month'],
  by: () => ['outcome', 'actor.id'],
  field: () => ['action', 'actor.id', 'data.plan', 'time'],
  prefix: () => ['o', 'u_'],
  parts: () => ['core', 'core,actor'],
  index: (_, random) => [String(random.whole(stillSize))],
  size: () => [String(stillSize)],
  from: (_, random) => [String(random.whole(stillSize))],
  to: () => [String(stillSize)],
  path: (_, random) => [
    `0/000.p/${1 + random.whole(stillSize)}`,
    `entries/000.p/${1 + random.whole(stillSize)}`,
  ],
  username: (_, random) => [`u${random.whole(usersMax)}`],
  name: (_, random) => [`rule-${random.whole(3)}`],
  action: () => ['schema.tried'],
}

/** Where a name is another thing than elsewhere. */
const ownValues: Readonly<Record<string, Readonly<Record<string, Values>>>> = {
  readEvent: { id: (_, random) => [`s-${random.whole(stillSize - 3)}`] },
  readReceipt: { id: (_, random) => [`s-${random.whole(stillSize - 3)}`] },
  revokeKey: { id: ({ madeKeys }) => [madeKeys.shift() ?? 'nobody'] },
  rotateLogKey: { tenant: ({ heads }) => [heads] },
  ...Object.fromEntries(
    ['listSchemas', 'readSchema', 'setSchema', 'removeSchema', 'checkSchema'].map((name) => [
      name,
      { tenant: ({ heads }: World) => [heads] },
    ]),
  ),
  switchBuiltInRedactionRule: { name: () => ['card', 'jwt'] },
}

/** Hashing a password takes a core for a while, and an audit of everything all that it gets. */
const rare = 0.05
const weights: Readonly<Record<string, number>> = {
  ...{ appendEvents: 60, searchEvents: 30, exportEvents: 3, readMetrics: 1, readService: 2 },
  ...{ logIn: rare, changeOwnPassword: rare, createUser: rare, changeUser: 1, startAudit: rare },
  ...{ rotateTokenKey: rare, rotateLogKey: 0.5, createTenant: 1, listTenants: 2, logOut: 1 },
  ...{
    putRedactionRule: 1,
    removeRedactionRule: 2,
    removeSchema: 3,
    removeUser: rare,
    switchBuiltInRedactionRule: 1,
  },
}
const usualWeight = 10

/** What no key of some tenants may. */
const forRoot =
  /^\/v1\/(?:redaction|service|audits|token-key|users|password)|^\/(?:metrics|readyz)|^\/v1\/tenants$/

/** A shape of each operation that the document describes. */
export function readShapes(document: OpenApi, world: () => World): Shape[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) =>
      toShape(method.toUpperCase(), path, operation, world),
    ),
  )
}

function toShape(
  method: string,
  path: string,
  operation: DocumentedOperation,
  world: () => World,
): Shape {
  const { operationId, responses } = operation
  return {
    ...{ name: `${method} ${path}`, method, documented: readAnswers(responses) },
    weight: weights[operationId] ?? usualWeight,
    ...(operationId === 'appendEvents' ? { answersHeads: true } : {}),
    // It ends every session and token of the run.
    ...(operationId === 'rotateTokenKey' ? { isFixed: true } : {}),
    make: (random, n) => makeRequest(path, operation, { world: world(), random, n }),
  }
}

interface Means {
  readonly world: World
  readonly random: Random
  readonly n: number
}

function makeRequest(
  path: string,
  { operationId, parameters = [], requestBody }: DocumentedOperation,
  { world, random, n }: Means,
): ValidRequest {
  const draw = (name: string): string => {
    const values = (ownValues[operationId]?.[name] ?? parameterValues[name])?.(world, random, n)
    return values?.[random.whole(values.length)] ?? 'x'
  }
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => draw(name))
  const named = parameters.filter((one) => one.in === 'query' && one.name !== 'cursor')
  const asked = named.filter(({ required = false, name }) => required || isAsked(name, random))
  const pairs = asked.map(({ name }): [string, string] =>
    name === 'fields' ? ['action', 'order.*'] : [name, draw(name)],
  )
  const hasCursor = parameters.some(({ name }) => name === 'cursor') && random() < 0.1
  const query = hasCursor ? cursorQuery(world) : withTenant(pairs, named, world)
  const body = requestBody?.content['application/json']
  return {
    ...{ path: filled, query, credential: forRoot.test(path) ? world.root : world.key },
    ...(body === undefined
      ? {}
      : { body: { json: makeBody(operationId, body, world, random, n) } }),
  }
}

const isAsked = (name: string, random: Random): boolean => name === 'tenant' || random() < 0.25
const cursorQuery = ({ cursor, still }: World): [string, string][] =>
  Object.entries({ tenant: still, limit: '5', cursor })
const withTenant = (
  pairs: readonly [string, string][],
  named: readonly Parameter[],
  { still }: World,
): readonly [string, string][] =>
  named.some(({ name }) => name === 'tenant') && pairs.every(([name]) => name !== 'tenant')
    ? [...pairs, ['tenant', still]]
    : pairs

/** The document's own example, fitted to the run; or whatever its schema allows. */
function makeBody(
  operationId: string,
  { example, schema }: Media,
  world: World,
  random: Random,
  n: number,
): unknown {
  const isExample = schema === undefined || random() < 0.7
  const made = isExample ? structuredClone(example) : sample(schema, random)
  return fitBody(made, operationId, world, n)
}

function fitBody(made: unknown, operationId: string, world: World, n: number): unknown {
  if (Array.isArray(made)) return made.map((one, k) => fitEvent(one, world, `${n}.${k}`))
  if (typeof made !== 'object' || made === null) return made
  switch (operationId) {
    case 'appendEvents':
      return fitEvent(made, world, `${n}`)
    case 'createKey':
      return { ...made, tenants: [world.still], expires: undefined, rate: undefined }
    case 'createViewerToken':
      return { ...made, tenant: world.still, expires: undefined }
    case 'createUser':
      return { ...made, username: `u${n % usersMax}`, tenants: [world.still] }
    case 'createTenant':
      return { ...made, tenant: `t${n % 20}` }
    case 'rotateTokenKey':
      return { revoke: false }
    default:
      return made
  }
}

const fitEvent = (made: unknown, { heads }: World, id: string): unknown =>
  typeof made === 'object' && made !== null
    ? { ...made, id: `r-${id}`, tenant: heads, time: undefined }
    : made

function readAnswers(responses: DocumentedOperation['responses']): DocumentedAnswers {
  return new Map(
    Object.entries(responses).map(([status, { content = {} }]) => [
      Number(status),
      new Set(Object.values(content).flatMap(({ schema }) => schema?.['x-problem-codes'] ?? [])),
    ]),
  )
}
