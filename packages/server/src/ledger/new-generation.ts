import { limits, systemTenant } from '@indelible/protocol'
import { formatTime } from '../base/clock.ts'
import { createUuidV7 } from '../base/ids.ts'
import type { GuardState } from '../store/guard.ts'
import type { AdmittedEvent, AppendTransaction, LogHead } from '../store/store.ts'
import { CommitGroup, createHead, describeNewLog } from './commit-group.ts'
import { Edge } from './edge.ts'
import type { SequencerOptions } from './sequencer.ts'
import { createSystemEvent } from './system-event.ts'

/** A log to be ended, and what is known of how far it once got. */
export interface EndingLog {
  readonly head: LogHead
  /** The last signed checkpoint that could be found anywhere, as a note. */
  readonly checkpoint: string | null
  /** What the guard remembers of it: perhaps more than was restored. */
  readonly guarded: GuardState | undefined
}

/**
 * Ends every log and begins it anew under another origin, in one transaction. The old log stays
 * readable as `<tenant>.<generation>`, as it was restored, and is never signed again: what was
 * signed of it before may go further, and two histories under one name must not be. The new log's
 * first entry is a `continuation` that names the old origin, the size and root that are left, and
 * the last checkpoint known, so that whoever kept newer evidence can show what was lost.
 */
export async function startNewGeneration(
  options: SequencerOptions & {
    readonly logs: readonly EndingLog[]
    /** Names that are taken. */
    readonly taken: ReadonlySet<string>
    readonly reason: string
  },
): Promise<void> {
  const { store, logs, keyring, clock } = options
  const now = clock()
  const taken = new Set(options.taken)
  const byTenant = Map.groupBy(logs, ({ head }) => head.tenant)
  await store.transact(async (transaction) => {
    const events: AdmittedEvent[] = []
    const created: LogHead[] = []
    // _system first: it then holds the making of every other new log, and of itself.
    for (const [tenant, ending] of [...byTenant].sort(systemFirst)) {
      const named = []
      for (const log of ending) named.push({ log, name: await endLog(transaction, log, taken) })
      const generation = Math.max(...ending.map(({ head }) => head.generation)) + 1
      const head = createHead(keyring, tenant, generation)
      await transaction.createLog(head)
      created.push(head)
      events.push(createContinuation(tenant, named, options.reason, now))
    }
    const records = created.map((head) => describeNewLog(head, now))
    const restored = createSystemEvent(describeRestore(created, options.reason), now)
    const request = { events: [...events, ...records, restored] }
    const group = await CommitGroup.open(transaction, [request], options)
    await group.append(request)
    await group.close()
  })
}

const systemFirst = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]) =>
  Number(other === systemTenant) - Number(one === systemTenant)

/** A log that the store has is renamed; one that it lost gets an empty, ended one in its place. */
async function endLog(
  transaction: AppendTransaction,
  { head }: EndingLog,
  taken: Set<string>,
): Promise<string> {
  const { tenant, generation, size } = head
  const name = nameEnded(tenant, generation, taken)
  taken.add(name)
  const isKept = (await transaction.lockHeads([tenant])).get(tenant)?.origin === head.origin
  if (isKept) await transaction.endLog(tenant, name)
  else if (size === 0) await transaction.createLog({ ...head, tenant: name, formerTenant: tenant })
  else throw new Error(`The log ${head.origin} is neither kept nor lost.`)
  return name
}

/** `<tenant>.<generation>`, or, if somebody has that name, the first that is free after it. */
function nameEnded(tenant: string, generation: number, taken: ReadonlySet<string>): string {
  for (let attempt = 1; ; attempt++) {
    const suffix = attempt === 1 ? `.${generation}` : `.${generation}.${attempt}`
    const name = tenant.slice(0, limits.tenantCharsMax - suffix.length) + suffix
    if (!taken.has(name)) return name
  }
}

function createContinuation(
  tenant: string,
  ended: readonly { readonly log: EndingLog; readonly name: string }[],
  reason: string,
  now: number,
): AdmittedEvent {
  const id = createUuidV7(now)
  const core = JSON.stringify({
    action: 'log.continued',
    continues: ended.map(({ log, name }) => describeEnded(log, name)),
    id,
    outcome: 'success',
    reason,
    tenant,
    time: formatTime(now),
  })
  const parts = { core, actor: JSON.stringify({ type: 'system', id: 'indelible' }) }
  const bytes = Buffer.byteLength(core) + Buffer.byteLength(parts.actor)
  const type = 'continuation'
  return { tenant, type, id, idStamped: true, timeStamped: true, parts, bytes }
}

function describeEnded({ head, checkpoint, guarded }: EndingLog, name: string) {
  const { origin, generation, vkey, size, edge } = head
  const rootOf = (of: number, bytes: Uint8Array) => new Edge(of, bytes).root().toString('hex')
  return {
    tenant: name,
    origin,
    generation,
    vkey,
    size,
    root: rootOf(size, edge),
    checkpoint,
    signed:
      guarded === undefined
        ? null
        : { size: guarded.size, root: rootOf(guarded.size, guarded.edge) },
  }
}

function describeRestore(created: readonly LogHead[], reason: string) {
  return {
    action: 'data.restored',
    actor: { type: 'system', id: 'indelible' },
    targets: created
      .slice(0, limits.targetsMax)
      .map(({ tenant }) => ({ type: 'tenant', id: tenant })),
    data: { newGeneration: true, reason, logs: created.length },
  }
}
