import { type EventSubmission, type Fault, limits, partLabels } from '@indelible/protocol'
import { type Clock, createTimeFormatter } from '../base/clock.ts'
import { createFaultList, type FaultList, faultsMax } from '../base/fault-list.ts'
import { Refusal } from '../base/refusal.ts'
import { isTenantName } from '../base/tenant-name.ts'
import type { AdmittedEvent, Parts } from '../store/store.ts'
import type { Redactor } from './redact.ts'
import { createRedactionBudget, TooManySecrets } from './redaction/effort.ts'
import { createSchemaBudget, type FindSchema } from './schemas/action-schema.ts'
import type { StepBudget } from './step-budget.ts'
import { createTimeReader, type ReadTime } from './time.ts'
import { isEvent } from './validate.ts'

/**
 * Whose log a caller's event goes to.
 *
 * @param name the submitted `tenant`, if any. @param pointer where in the request it is.
 * @throws Refusal `scope-insufficient`, or `event-invalid` where a name is needed.
 */
export type ResolveTenant = (name: string | undefined, pointer: string) => string

export interface AdmissionOptions {
  readonly clock: Clock
  /** Makes the id of an event submitted without one, from Unix milliseconds. */
  readonly createId: (unixMs: number) => string
  readonly redactor: Redactor
  /** The schema that a tenant holds events of an action to. */
  readonly findSchema?: FindSchema
}

export interface AdmitContext {
  /** Decides whether pointers begin with the index of the event. */
  readonly shape: 'single' | 'batch'
  readonly resolveTenant: ResolveTenant
  /** What to admit of the n-th value if it is refused itself, the most first. Default: nothing. */
  readonly lesserOf?: ((n: number) => readonly unknown[]) | undefined
  /** Where in what the caller sent a pointer is, if the events were made of something else. */
  readonly pointerTo?: (pointer: string) => string
}

/** Turns submitted values into events whose parts are serialised for good. */
export interface Admission {
  /**
   * All or nothing, in the order submitted.
   *
   * @throws Refusal `event-invalid` with every fault of every event; whatever `resolveTenant`
   *   throws of another code, at once.
   */
  admit(values: readonly unknown[], context: AdmitContext): AdmittedEvent[]
}

/** What the ledger compares and indexes as it is: never redacted, so it may hold no secret. */
const intact = ['action', 'id', 'tenant'] as const
/**
 * UUIDs and digests hold nothing, whatever a pattern finds in them: a rule that looks for `-####`
 * would else refuse many an event that names itself so, for good.
 */
const machineMade = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}(?:-\d+)?)$/i

/** One request under way. */
interface Intake extends AdmissionOptions {
  readonly nowMs: number
  readonly now: string
  readonly readTime: ReadTime
  readonly resolveTenant: ResolveTenant
  readonly faults: FaultList
  readonly pointerTo: (pointer: string) => string
  /** What schemas find wrong with events that may be repeats: who keeps them has to decide. */
  readonly doubts: Fault[]
  readonly schemaBudget: StepBudget
  readonly redactionBudget: StepBudget
}

export function createAdmission(options: AdmissionOptions): Admission {
  const formatNow = createTimeFormatter()
  const readTime = createTimeReader()
  return {
    admit(values, { shape, resolveTenant, lesserOf, pointerTo = (pointer) => pointer }) {
      const nowMs = options.clock()
      const faults = createFaultList(pointerTo)
      const intake: Intake = {
        ...options,
        nowMs,
        now: formatNow(nowMs),
        readTime,
        resolveTenant: rememberTenants(resolveTenant),
        faults,
        pointerTo,
        doubts: [],
        schemaBudget: createSchemaBudget(),
        redactionBudget: createRedactionBudget(),
      }
      const admitted: AdmittedEvent[] = []
      for (const [index, value] of values.entries()) {
        const pointer = shape === 'batch' ? `/${index}` : ''
        const event =
          lesserOf === undefined
            ? admitEvent(value, pointer, intake)
            : admitWhatFits(value, pointer, intake, () => lesserOf(index))
        if (event !== undefined) admitted.push(event)
      }
      if (faults.count > 0) {
        for (const { pointer, detail } of intake.doubts) faults.add(pointer, detail)
      }
      faults.assertEmpty()
      return admitted
    },
  }
}

/** The first of them that nothing is wrong with; the faults are those of the last. */
function admitWhatFits(
  value: unknown,
  pointer: string,
  intake: Intake,
  listLesser: () => readonly unknown[],
): AdmittedEvent | undefined {
  const whole = admitEvent(value, pointer, { ...intake, faults: createFaultList() })
  if (whole !== undefined) return whole
  const lesser = listLesser()
  for (const one of lesser.slice(0, -1)) {
    const event = admitEvent(one, pointer, { ...intake, faults: createFaultList() })
    if (event !== undefined) return event
  }
  return admitEvent(lesser.at(-1), pointer, intake)
}

function admitEvent(value: unknown, pointer: string, intake: Intake): AdmittedEvent | undefined {
  const { faults, pointerTo } = intake
  const faultsBefore = faults.count
  const isWhole = isEvent(value, pointer, faults)
  // Also of an event with other faults: all are to be named at once.
  const tenant = findTenant(value, pointer, intake)
  const time = findTime(value, pointer, intake)
  if (!isWhole || tenant === undefined || time === undefined) return undefined
  const event = redact(value, pointer, intake)
  if (event === undefined) return undefined
  for (const name of intact) {
    if (event[name] === value[name]) continue
    if (name === 'id' && machineMade.test(value.id ?? '')) continue
    faults.add(`${pointer}/${name}`, 'Holds what looks like a secret: send another value.')
  }
  const id = value.id ?? intake.createId(intake.nowMs)
  // One of four words, which hold no secret, whatever a configured pattern finds in them.
  const { outcome = 'success' } = value
  const parts = serialise(event, { id, outcome, tenant, time })
  const bytes = countBytes(parts)
  if (bytes > limits.eventBytesMax) {
    faults.add(pointer, `${bytes} bytes as kept; an event has ${limits.eventBytesMax} at most.`)
  }
  const doubts = findDoubts(value, tenant, pointer, intake)
  if (faults.count > faultsBefore) return undefined
  const [idStamped, timeStamped] = [value.id === undefined, value.time === undefined]
  const admitted = { tenant, id, idStamped, timeStamped, parts, bytes }
  if (doubts === undefined) return admitted
  // Who keeps them refuses them in the caller's terms, too.
  const pointed = doubts.map(({ pointer, detail }) => ({ pointer: pointerTo(pointer), detail }))
  return { ...admitted, faults: pointed }
}

/** @returns undefined where it holds so many secrets that it is a fault */
function redact(
  value: EventSubmission,
  pointer: string,
  { redactor, redactionBudget, faults }: Intake,
): EventSubmission | undefined {
  try {
    return redactor.redact(value, redactionBudget)
  } catch (error) {
    if (!(error instanceof TooManySecrets)) throw error
    const isLast = redactionBudget.steps === 0
    faults.add(
      pointer,
      isLast
        ? 'So many events hold too many secrets to take out: send fewer at once, or without them.'
        : 'Holds too many secrets to take out: send it without them.',
    )
    return undefined
  }
}

/**
 * Holds an event to its action's schema, as it was submitted: what redaction leaves in place of a
 * secret must not make it faulty. So a fault tells where and what was wanted, never what is there,
 * and of its pointer, which has names that the caller chose, what looks like a secret is taken out.
 *
 * @returns the faults of an event that may be a repeat; those of others are faults of the request
 */
function findDoubts(
  value: EventSubmission,
  tenant: string,
  base: string,
  { findSchema, schemaBudget, redactor, faults, doubts }: Intake,
): readonly Fault[] | undefined {
  const schema = findSchema?.(tenant, value.action, schemaBudget)
  if (schema === undefined) return undefined
  const found = schema.findFaults(value, schemaBudget).map(({ pointer, detail }) => ({
    pointer: base + redactor.redact(pointer),
    detail,
  }))
  if (found.length === 0) return undefined
  if (value.id === undefined) {
    for (const { pointer, detail } of found) faults.add(pointer, detail)
    return undefined
  }
  // All are passed on and nothing is, beyond what one refusal names.
  const named = doubts.length < faultsMax ? found : found.slice(0, 1)
  doubts.push(...named)
  return named
}

function findTenant(value: unknown, pointer: string, intake: Intake): string | undefined {
  const name = readMember(value, 'tenant')
  if (name !== undefined && !isTenantName(name)) return undefined
  try {
    return intake.resolveTenant(name, `${pointer}/tenant`)
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'event-invalid') throw error
    // By our own pointer: who resolves need not know of batches.
    intake.faults.add(`${pointer}/tenant`, error.message)
    return undefined
  }
}

function findTime(value: unknown, pointer: string, intake: Intake): string | undefined {
  const text = readMember(value, 'time')
  if (text === undefined) return intake.now
  if (typeof text !== 'string') return undefined
  const { time, fault } = intake.readTime(text, intake.nowMs)
  if (fault !== undefined) intake.faults.add(`${pointer}/time`, fault)
  return time
}

function readMember(value: unknown, name: 'tenant' | 'time'): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.hasOwn(value, name) ? (value as Partial<EventSubmission>)[name] : undefined
}

/** What of an event is no caller's text, so that redaction has no say in it. */
type Own = Readonly<Required<Pick<EventSubmission, 'id' | 'outcome' | 'tenant' | 'time'>>>

/** A part's text is what is hashed (evidence.md A1): the order of core's members is fixed. */
function serialise(event: EventSubmission, own: Own): Parts {
  const { action, source, actor, targets, context, changes, data } = event
  const { id, outcome, tenant, time } = own
  const core =
    source === undefined
      ? { action, id, outcome, tenant, time }
      : { action, id, outcome, source, tenant, time }
  const parts: { -readonly [label in keyof Parts]: Parts[label] } = {
    actor: JSON.stringify(actor.type === undefined ? { type: 'user', ...actor } : actor),
    core: JSON.stringify(core),
  }
  if (changes !== undefined) parts.changes = JSON.stringify(changes)
  if (context !== undefined) parts.context = JSON.stringify(context)
  if (data !== undefined) parts.data = JSON.stringify(data)
  if (targets !== undefined) parts.targets = JSON.stringify(targets)
  return parts
}

function countBytes(parts: Parts): number {
  let bytes = 0
  for (const label of partLabels) {
    const text = parts[label]
    if (text !== undefined) bytes += Buffer.byteLength(text)
  }
  return bytes
}

/** Asks once for each tenant of a batch; a refusal is asked for again, with its own pointer. */
function rememberTenants(resolveTenant: ResolveTenant): ResolveTenant {
  const resolved = new Map<string | undefined, string>()
  return (name, pointer) => {
    const known = resolved.get(name)
    if (known !== undefined) return known
    const tenant = resolveTenant(name, pointer)
    resolved.set(name, tenant)
    return tenant
  }
}
