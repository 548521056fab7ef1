import type { Output } from '../core/output.ts'
import { visible } from '../core/visible-text.ts'

const gap = '  '

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`

/** Takes from the widest columns until the line fits. */
function fit(widths: readonly number[], available: number): readonly number[] {
  const fitted = [...widths]
  const spaces = gap.length * (widths.length - 1)
  let excess = fitted.reduce((sum, width) => sum + width, spaces) - available
  while (excess > 0) {
    const widest = Math.max(...fitted)
    if (widest <= 8) break
    fitted[fitted.indexOf(widest)] = widest - 1
    excess -= 1
  }
  return fitted
}

/**
 * Lines of a table. Cells are made safe for a terminal here.
 * @param columns width of the terminal; undefined: nothing is cut.
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
): readonly string[] {
  const cells = [header, ...rows.map((row) => row.map(visible))]
  const natural = header.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)))
  const widths = columns === undefined ? natural : fit(natural, columns)
  return cells.map((row) =>
    row
      .map((cell, at) => {
        const width = widths[at] ?? cell.length
        return cut(cell, width).padEnd(width)
      })
      .join(gap)
      .trimEnd(),
  )
}

/** Records one a line for programs, as a table for people. */
export async function printTable<Row>(
  output: Output,
  records: readonly Row[],
  header: readonly string[],
  toCells: (record: Row) => readonly string[],
): Promise<void> {
  if (output.isJson) for (const record of records) await output.json(record)
  else {
    for (const line of formatTable(header, records.map(toCells), undefined)) await output.line(line)
  }
}
