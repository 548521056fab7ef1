import type { Environment } from './setting-reader.ts'
import { commandLineVariables, fileVariableOf, type Setting, settings } from './settings.ts'

const known: readonly string[] = [
  ...commandLineVariables,
  ...settings.flatMap(({ name, secret }: Setting) =>
    secret === undefined ? [name] : [name, fileVariableOf(name)],
  ),
]

/** What Kubernetes sets in every container beside a Service by the name of `indelible…`. */
const serviceLink = /_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP)(_[A-Z]+)?)$/

/** A sentence for each variable that looks like a setting and is none: a typo must not vanish. */
export function findUnknownVariables(environment: Environment): string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('INDELIBLE_') && !known.includes(name))
    .filter((name) => !serviceLink.test(name))
    .sort()
    .map((name) => {
      const nearest = findNearest(name)
      const hint = nearest === undefined ? '' : `; is ${nearest} meant?`
      return `${name} is no setting and does nothing${hint}`
    })
}

/** The known name that takes the fewest changes, if they are few for its length. */
function findNearest(name: string): string | undefined {
  const ranked = known
    .map((one) => ({ one, distance: countChanges(name, one) }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  const own = name.length - 'INDELIBLE_'.length
  return best !== undefined && best.distance <= Math.max(2, own / 3) ? best.one : undefined
}

/** Levenshtein's distance: letters put in, left out or replaced. */
function countChanges(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...to].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
