import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Findings, Mutant, Stage, Tier } from './stage.ts'

export interface StageOrder {
  readonly name: string
  readonly tier: Tier
  readonly seed: number
  readonly mutant?: string
}

export type StageMessage =
  | { readonly kind: 'progress'; readonly done: number; readonly of: number }
  | { readonly kind: 'found'; readonly findings: Findings }
  | { readonly kind: 'broke'; readonly stack: string }

/**
 * held: everything was tried and nothing found · failed: something does not hold, or the stage
 * broke · void: too little was tried to have shown anything · lacking: the machine can't run it
 */
export type Verdict = 'held' | 'failed' | 'void' | 'lacking'

export interface StageResult {
  readonly stage: string
  readonly proves: string
  readonly verdict: Verdict
  readonly counts: Readonly<Record<string, number>>
  /** What was found; or why it is void, or lacking. */
  readonly told: readonly string[]
  readonly seconds: number
}

export interface MutantResult {
  readonly mutant: string
  readonly does: string
  readonly stage: string
  readonly isCaught: boolean
  /** The fault that gave it away; or what the stage said instead. */
  readonly told: string
  readonly seconds: number
}

/** How long a stage may be silent before it is taken for hung. */
const silenceMs = { quick: 180_000, full: 900_000 } as const

export interface RunOptions {
  readonly tier: Tier
  readonly seed: number
  readonly signal: AbortSignal
  readonly onProgress: (done: number, of: number) => void
}

/** Runs a stage as a process of its own and judges what it found. */
export async function runStage(stage: Stage, options: RunOptions): Promise<StageResult> {
  const began = performance.now()
  const { name, proves, least } = stage
  const result = (verdict: Verdict, counts: Findings['counts'], told: readonly string[]) => ({
    ...{ stage: name, proves, verdict, counts, told },
    seconds: secondsSince(began),
  })
  const lacking = stage.lacks?.()
  if (lacking !== undefined) return result('lacking', {}, [lacking])
  const { counts, faults } = await find({ ...options, name })
  if (faults.length > 0) return result('failed', counts, faults)
  const short = Object.entries(least[options.tier]).flatMap(([count, bound]) =>
    (counts[count] ?? 0) < bound ? [`${count}: ${counts[count] ?? 0}, of at least ${bound}`] : [],
  )
  return short.length > 0 ? result('void', counts, short) : result('held', counts, [])
}

/** Runs the stage that claims to find a mutant, with the mutant planted. */
export async function runMutant(mutant: Mutant, options: RunOptions): Promise<MutantResult> {
  const began = performance.now()
  const { name, does, foundBy } = mutant
  const { faults } = await find({ ...options, name: foundBy, mutant: name })
  const giveaway = faults.find((fault) => mutant.fault.test(fault))
  return {
    ...{ mutant: name, does, stage: foundBy, isCaught: giveaway !== undefined },
    told: giveaway ?? faults[0] ?? 'nothing was found',
    seconds: secondsSince(began),
  }
}

/** What breaks a stage is a finding, too: nothing was shown. */
async function find(order: StageOrder & RunOptions): Promise<Findings> {
  const { signal, onProgress, ...rest } = order
  const child = fork(join(import.meta.dirname, 'stage-process.ts'), {
    signal,
    killSignal: 'SIGKILL',
  })
  let findings: Findings | undefined
  let isHung = false
  const hung = () => {
    isHung = true
    child.kill('SIGKILL')
  }
  let watch = setTimeout(hung, silenceMs[order.tier])
  child.on('message', (message: StageMessage) => {
    clearTimeout(watch)
    watch = setTimeout(hung, silenceMs[order.tier])
    if (message.kind === 'progress') onProgress(message.done, message.of)
    else if (message.kind === 'found') findings = message.findings
    else findings = { counts: {}, faults: [message.stack] }
  })
  child.on('error', () => undefined) // by the signal; 'close' follows
  child.send({ ...rest } satisfies StageOrder)
  const [code, killedBy] = await once(child, 'close')
  clearTimeout(watch)
  signal.throwIfAborted()
  if (findings !== undefined) return findings
  const how = isHung ? 'said nothing for too long, and was killed' : `ended by ${killedBy ?? code}`
  return { counts: {}, faults: [`The stage ${how}.`] }
}

const secondsSince = (began: number): number => Math.round((performance.now() - began) / 100) / 10
