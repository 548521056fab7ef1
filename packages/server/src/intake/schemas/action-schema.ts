import { type Fault, limits } from '@indelible/protocol'
import { LRUCache } from 'lru-cache'
import { createFaultList, faultsMax, shortenPointer } from '../../base/fault-list.ts'
import type { StepBudget } from '../step-budget.ts'
import { isEvent } from '../validate.ts'
import { compileSchema } from './compile.ts'
import { createWalk, TooCostly, type Walk } from './walk.ts'

class Enough extends Error {}

/** A schema that events of an action are held to. */
export interface ActionSchema {
  /** @returns every fault of the event as submitted, at its pointer; none of what it holds */
  findFaults(event: unknown, budget: StepBudget): Fault[]
  /** What it is compiled to: schemas within it, and states of its patterns. */
  readonly parts: number
}

export const createSchemaBudget = (): StepBudget => ({ steps: limits.schemaStepsPerRequestMax })

/**
 * Compiles a schema that `findSchemaFaults` has found sound.
 * @param text its JSON
 */
export function createActionSchema(text: string): ActionSchema {
  const { check, parts } = compileSchema(JSON.parse(text))
  return {
    parts,
    findFaults(event, budget) {
      const faults: Fault[] = []
      const stepsMax = Math.min(budget.steps, limits.schemaStepsPerEventMax)
      const walk = createWalk(stepsMax, (pointer, detail) => {
        // One more than are named tells that there are more.
        if (faults.push({ pointer: shortenPointer(pointer), detail }) > faultsMax)
          throw new Enough()
      })
      try {
        // Most events are sound: pointers are only put together for those that are not.
        if (!check(event, walk, undefined)) check(event, walk, '')
      } catch (error) {
        if (error instanceof TooCostly) faults.push({ pointer: '', detail: describeCost(budget) })
        else if (!(error instanceof Enough)) throw error
      } finally {
        budget.steps = Math.max(0, budget.steps - walk.spent)
      }
      return faults
    },
  }
}

function describeCost({ steps }: StepBudget): string {
  return steps < limits.schemaStepsPerEventMax
    ? 'Checking so many events takes too much work: send fewer at once, or simplify the schema.'
    : 'Checking it takes too much work: the schema of its action has to be simplified.'
}

/** What is wrong with an event that nobody submits, by the schema of its action and by our own. */
export function findEventFaults(schema: string, event: unknown): readonly Fault[] {
  const faults = createFaultList()
  // First, as ever: a schema may look at nothing that is deeper or larger than an event.
  if (!isEvent(event, '', faults)) return faults.named
  return createActionSchema(schema).findFaults(event, createSchemaBudget())
}

/** A schema has to let an event through to be of use, and one that leads back to itself can't. */
const probe = { action: 'probe', actor: { id: 'probe' } }

/** What is wrong with a schema, by pointer; of one that may be kept, nothing. */
export function findSchemaFaults(schema: unknown): readonly Fault[] {
  const { check, faults } = compileSchema(schema)
  if (faults.length > 0) return faults
  const walk: Walk = createWalk(limits.schemaStepsPerEventMax, () => undefined)
  try {
    check(probe, walk, undefined)
    return []
  } catch (error) {
    if (!(error instanceof TooCostly)) throw error
    return [{ pointer: '', detail: 'Takes too much work: does a "$ref" lead back to itself?' }]
  }
}

/** Parts of compiled schemas that are kept, some 100 bytes each: room for thousands of them. */
const keptPartsMax = 300_000
/**
 * What compiling one part costs. Paid for like the checks: events of more actions than are kept
 * compiled had one schema made anew for each, up to 40 ms of a batch's ten thousand.
 */
const stepsPerPart = 20
/** In place of a schema that there are no steps left for. */
const tooMuch: ActionSchema = {
  findFaults: (_, budget) => [{ pointer: '', detail: describeCost(budget) }],
  parts: 0,
}

export type FindSchema = (
  tenant: string,
  action: string,
  budget: StepBudget,
) => ActionSchema | undefined

/**
 * Finds the schema of an event's action, compiled for the first event that needs it. By its text:
 * records are read anew whenever another node has administered anything.
 */
export function createSchemaFinder(schemas: {
  lookUp(tenant: string, action: string): { readonly schema: string } | undefined
}): FindSchema {
  const compiled = new LRUCache<string, ActionSchema>({
    maxSize: keptPartsMax,
    sizeCalculation: ({ parts }) => parts,
  })
  return (tenant, action, budget) => {
    const row = schemas.lookUp(tenant, action)
    if (row === undefined) return undefined
    const known = compiled.get(row.schema)
    if (known !== undefined) return known
    if (budget.steps === 0) return tooMuch
    const made = createActionSchema(row.schema)
    budget.steps = Math.max(0, budget.steps - stepsPerPart * made.parts)
    compiled.set(row.schema, made)
    return made
  }
}
