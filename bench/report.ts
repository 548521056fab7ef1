/** One line of the table: a figure, beside what it is measured against in the same run. */
export interface Row {
  readonly what: string
  readonly value: string
  readonly against?: string
  readonly ratio?: number
  readonly goal?: string
}

/** How much a run does. */
export interface Scale {
  readonly singleEvents: number
  readonly batchedEvents: number
  /** The smaller of the two sizes that searches are measured at; the larger is ten times it. */
  readonly searchEntries: number
  readonly rounds: number
}

export const scales: Readonly<Record<'quick' | 'full' | 'large', Scale>> = {
  quick: { singleEvents: 10_000, batchedEvents: 50_000, searchEntries: 10_000, rounds: 1 },
  /** Ten million entries: searches and audit only. */
  large: { singleEvents: 0, batchedEvents: 0, searchEntries: 1_000_000, rounds: 0 },
  full: { singleEvents: 30_000, batchedEvents: 200_000, searchEntries: 100_000, rounds: 3 },
}

/** A figure a second, as people read it. */
export const formatRate = (perSecond: number): string => Math.round(perSecond).toLocaleString('en')

/** A Markdown table, as docs/reference/performance.md has it. */
export function formatTable(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ what, value, against = '', ratio, goal = '' }) =>
      `| ${what} | ${value} | ${against} | ${ratio === undefined ? '' : ratio.toFixed(2)} | ${goal} |`,
  )
  return [
    '| | reached | measured against, in the same run | ratio | goal |',
    '|---|---|---|---|---|',
  ]
    .concat(lines)
    .join('\n')
}
