import type { MutantResult, StageResult } from './run-stage.ts'
import type { Tier } from './stage.ts'

export interface Report {
  readonly tier: Tier
  readonly seed: number
  /** Of the working tree; with a `+` where that was changed. */
  readonly commit: string
  readonly node: string
  readonly began: string
  readonly seconds: number
  /** Neither a stage nor a mutant was left out. */
  readonly isWhole: boolean
  /** By whoever watched: what had not ended by then is not in here. */
  readonly isInterrupted: boolean
  readonly stages: readonly StageResult[]
  readonly mutants: readonly MutantResult[]
}

/** Everything held, and every mutant was found. */
export const hasHeld = ({ isInterrupted, stages, mutants }: Report): boolean =>
  !isInterrupted &&
  stages.every(({ verdict }) => verdict === 'held') &&
  mutants.every(({ verdict }) => verdict === 'caught')

export function formatReport(report: Report): string {
  const { tier, seed, commit, node, began, seconds, isInterrupted, stages, mutants } = report
  const caught = mutants.filter(({ verdict }) => verdict === 'caught').length
  return [
    `prove --tier ${tier} --seed ${seed} · ${commit} · ${node} · ${began} · ${seconds} s`,
    '',
    ...[...stages.map(formatStage), ...(stages.length === 0 ? [] : [''])],
    ...mutants.map(formatMutant),
    mutants.length === 0
      ? 'mutants    none was planted'
      : `mutants    ${caught} of ${mutants.length} caught`,
    ...(isInterrupted ? ['Interrupted: what had not ended by then is left out.'] : []),
    ...(report.isWhole ? [] : ['Only a part was asked for: this is no proof of the whole.']),
    hasHeld(report) ? 'Everything that was tried held.' : 'NOT PROVED: see above.',
  ].join('\n')
}

const signs = {
  ...{ held: 'ok     ', failed: 'FAILED ', void: 'VOID   ', lacking: 'LACKING' },
  ...{ caught: 'caught ', missed: 'MISSED ' },
} as const

function formatStage({ stage, proves, verdict, counts, told, seconds }: StageResult): string {
  const figures = Object.entries(counts).map(([name, count]) => `${name} ${formatNumber(count)}`)
  return [
    `${signs[verdict]}  ${stage}: ${proves}  (${seconds} s)`,
    ...(figures.length === 0 ? [] : [`         ${figures.join(' · ')}`]),
    ...told.slice(0, 20).map((line) => `         ${line}`),
  ].join('\n')
}

const formatMutant = ({ mutant, does, stage, verdict, told, seconds }: MutantResult): string =>
  `${signs[verdict]}  ${mutant} ${does}: by ${stage} (${seconds} s)\n         ${told.split('\n')[0]}`

const formatNumber = (count: number): string => count.toLocaleString('en')
