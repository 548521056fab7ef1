import type { Findings, Mutant, Stage, Tier } from './stage.ts'
import { startStage } from './start-stage.ts'

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
  readonly verdict: 'caught' | 'missed' | 'lacking'
  /** The fault that gave it away; or what the stage said, or lacks, instead. */
  readonly told: string
  readonly seconds: number
}

/** A machine with much else to do is slow; a stage that works says so every few seconds. */
const silenceMs = { quick: 180_000, full: 900_000 } as const

export interface RunOptions {
  readonly tier: Tier
  readonly seed: number
  /** What the machine lacks for the stage. */
  readonly lacking: string | undefined
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
  if (options.lacking !== undefined) return result('lacking', {}, [options.lacking])
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
  const result = (verdict: MutantResult['verdict'], told: string) => ({
    ...{ mutant: name, does, stage: foundBy, verdict, told },
    seconds: secondsSince(began),
  })
  if (options.lacking !== undefined) return result('lacking', options.lacking)
  const { faults } = await find({ ...options, name: foundBy, mutant: name })
  const giveaway = faults.find((fault) => mutant.fault.test(fault))
  if (giveaway !== undefined) return result('caught', giveaway)
  return result('missed', faults[0] ?? 'nothing was found')
}

/** What breaks a stage is a finding, too: nothing was shown. */
async function find(order: StageOrder & RunOptions): Promise<Findings> {
  const { name, tier, seed, mutant, signal, onProgress } = order
  signal.throwIfAborted()
  await using stage = startStage(name)
  const end = () => void stage.end()
  signal.addEventListener('abort', end, { once: true })
  let findings: Findings | undefined
  const silence = watchSilence(silenceMs[tier], end)
  stage.child.on('message', (message: StageMessage) => {
    silence.broken(message)
    if (message.kind === 'progress') onProgress(message.done, message.of)
    else if (message.kind === 'found') findings = message.findings
    else findings = { counts: {}, faults: [message.stack] }
  })
  stage.child.send({ name, tier, seed, ...(mutant && { mutant }) } satisfies StageOrder)
  const how = await stage.closed
  silence.over()
  signal.removeEventListener('abort', end)
  signal.throwIfAborted()
  return findings ?? { counts: {}, faults: [silence.fault() ?? `The stage ended by ${how}.`] }
}

/** Who says nothing for so long is taken for hung. */
function watchSilence(limitMs: number, onHung: () => void) {
  let last = 'it began'
  let fault: string | undefined
  const hung = () => {
    fault = `The stage said nothing for ${limitMs / 1_000} s after ${last}, and was ended.`
    onHung()
  }
  let watch = setTimeout(hung, limitMs)
  return {
    broken(message: StageMessage) {
      clearTimeout(watch)
      watch = setTimeout(hung, limitMs)
      if (message.kind === 'progress') last = `${message.done} of ${message.of}`
    },
    over: () => clearTimeout(watch),
    fault: () => fault,
  }
}

const secondsSince = (began: number): number => Math.round((performance.now() - began) / 100) / 10
