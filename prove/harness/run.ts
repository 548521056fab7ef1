import { execFileSync } from 'node:child_process'
import type { Report } from './report.ts'
import { type MutantResult, runMutant, runStage, type StageResult } from './run-stage.ts'
import { runSideBySide } from './side-by-side.ts'
import type { Mutant, Stage, Tier } from './stage.ts'

/** Several stages at a time: most of what they do is wait for processes and disks. */
export interface ProveOptions {
  readonly tier: Tier
  readonly seed: number
  readonly jobs: number
  readonly stages: readonly Stage[]
  readonly mutants: readonly Mutant[]
  readonly isWhole: boolean
  /** What the machine lacks, by stage. */
  readonly lacking: ReadonlyMap<string, string>
  /** Ends all that runs; the report is of what had ended before. */
  readonly signal: AbortSignal
  readonly tell: (line: string) => void
}

/** Runs the stages, then each mutant's stage with the mutant planted. */
export async function prove(options: ProveOptions): Promise<Report> {
  const { tier, seed, jobs, signal, tell } = options
  const began = performance.now()
  const date = new Date()
  const stages: StageResult[] = []
  const found: MutantResult[] = []
  const run = (stage: string, name: string) => ({
    ...{ tier, seed, signal, lacking: options.lacking.get(stage) },
    onProgress: createProgress(name, tell),
  })
  const work = [
    ...options.stages.map((stage, n) => async () => {
      const result = await runStage(stage, run(stage.name, stage.name))
      stages[n] = result
      tell(`${stage.name}: ${result.verdict}, ${result.seconds} s`)
    }),
    ...options.mutants.map((mutant, n) => async () => {
      const { name, foundBy } = mutant
      const result = await runMutant(mutant, run(foundBy, `${foundBy} with ${name}`))
      found[n] = result
      tell(`${name}: ${result.verdict}, ${result.seconds} s`)
    }),
  ]
  await runSideBySide({
    lanes: jobs,
    hasMore: (n) => n < work.length && !signal.aborted,
    work: async (n) => {
      try {
        await work[n]?.()
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
  })
  return {
    ...{ tier, seed, commit: readCommit(), node: `Node ${process.versions.node}` },
    began: date.toISOString(),
    seconds: Math.round((performance.now() - began) / 1_000),
    isWhole: options.isWhole,
    isInterrupted: signal.aborted,
    // Those that were interrupted have left holes.
    stages: Object.values(stages),
    mutants: Object.values(found),
  }
}

const progressIntervalMs = 10_000

function createProgress(name: string, tell: (line: string) => void) {
  let told = performance.now()
  return (done: number, of: number): void => {
    if (performance.now() - told < progressIntervalMs) return
    told = performance.now()
    tell(`${name}: ${done.toLocaleString('en')} of ${of.toLocaleString('en')}`)
  }
}

function readCommit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
  try {
    const changed = git('status', '--porcelain') === '' ? '' : '+'
    return `${git('rev-parse', '--short', 'HEAD')}${changed}`
  } catch {
    return 'no commit'
  }
}
