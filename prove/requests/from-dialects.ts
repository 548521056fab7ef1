import type { Random } from '@indelible/testkit'
import { type DialectQuestion, dialectQuestions } from '../../test/dialects/questions.ts'
import { type DialectTarget, dialectTargets } from '../../test/dialects/targets.ts'
import type { Shape, ValidRequest } from './draft.ts'
import type { World } from './world.ts'

/** A shape of each dialect's every route. */
export const listDialectShapes = (world: () => World): Shape[] => [
  ...dialectTargets.map((target) => toTargetShape(target, world)),
  ...dialectQuestions.map((question) => toQuestionShape(question, world)),
]

function toTargetShape(target: DialectTarget, world: () => World): Shape {
  const { name, path, headers, valid, areLines = false } = target
  return {
    ...{ name: `POST ${path} (${name})`, method: 'POST', weight: 15 },
    make(random, n): ValidRequest {
      const { marks, marksKey } = world()
      const fill = (text: string) => text.replaceAll('$n', mark(n)).replaceAll('$tenant', marks)
      const body = random.pick(valid)
      const filled: unknown = JSON.parse(fill(JSON.stringify(body)))
      const lines = areLines && Array.isArray(filled) ? filled : undefined
      return {
        ...{ path, query: [['tenant', marks]], credential: marksKey },
        headers: Object.fromEntries(
          Object.entries(headers).map(([one, value]) => [one, fill(value)]),
        ),
        body:
          lines === undefined
            ? { json: filled }
            : { text: lines.map((line) => JSON.stringify(line)).join('\n') },
      }
    },
  }
}

/** Stands in the events of the nth request. */
export const mark = (n: number): string => `mark${n}.`
/** Marks in what is kept. */
export const markPattern = /mark(\d+)\./g

function toQuestionShape(question: DialectQuestion, world: () => World): Shape {
  const { method, route, body, parameters = [], fill = () => ({}) } = question
  const isLogIn = route === '/login'
  return {
    ...{ name: `${method} ${route}`, method, weight: isLogIn ? 0.05 : 5 },
    make(random) {
      const { key, marks, marksKey, still } = world()
      const tenant = route.startsWith('/auditlog') ? marks : still
      const filled = Object.entries<string>(fill(tenant))
      const path = filled.reduce((text, [name, value]) => text.replace(name, value), route)
      return {
        ...{ path, query: makeQuery(parameters, tenant, random) },
        credential: isLogIn ? '' : tenant === marks ? marksKey : key,
        ...(body === undefined ? {} : { body: { json: body(tenant) } }),
      }
    },
  }
}

/** What the parameters of dialects take. */
const values: Readonly<Record<string, string>> = {
  ...{ timestamp_start_utc: '2026-01-01T00:00:00Z', timestamp_end_utc: '2036-01-01T00:00:00Z' },
  ...{ offset: '1', limit: '5', valid_minutes: '5', event_type: 'seen', customer_id: 'c' },
  ...{ group_id: 'g', actor_id: 'a', target_id: 't', is_admin: 'true', order: 'asc' },
}

function makeQuery(
  parameters: readonly string[],
  tenant: string,
  random: Random,
): readonly (readonly [string, string])[] {
  return parameters
    .filter((name) => name === 'tenant' || random() < 0.3)
    .map((name) => [name, name === 'tenant' ? tenant : (values[name] ?? 'x')])
}
