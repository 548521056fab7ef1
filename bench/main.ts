// npm run bench [-- --quick | --large] [--queue | --middleware | --console | --dialects]: every figure beside what it is measured against in the same run,
// because machines differ and are shared; only the ratios mean something elsewhere.
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureBatchedAppends, measureSingleAppends } from './appends.ts'
import { measureAudit } from './audits.ts'
import { measureConsole } from './console.ts'
import { measureDialects } from './dialects.ts'
import { measureMiddleware } from './middleware.ts'
import { measurePostgres } from './postgres.ts'
import { measureQueue } from './queue.ts'
import { formatTable, type Row, scales } from './report.ts'
import { measureSearches } from './searches.ts'

const isLarge = process.argv.includes('--large')
const scale = scales[isLarge ? 'large' : process.argv.includes('--quick') ? 'quick' : 'full']
const folder = mkdtempSync(join(tmpdir(), 'indelible-bench-'))
type Step = [string, () => Promise<Row[]>]
/** Figures that are measured alone, where they are asked for. */
const alone: Readonly<Record<string, Step>> = {
  '--queue': ['queue', () => measureQueue(folder, scale)],
  '--dialects': ['dialects', () => measureDialects(folder, scale)],
  '--middleware': ['middleware', () => measureMiddleware(folder, scale)],
  '--console': ['the console', () => measureConsole(folder, scale)],
}
const asked = process.argv.flatMap((argument) => (alone[argument] ? [alone[argument]] : []))
const steps: Step[] =
  asked.length > 0
    ? asked
    : [
        ...(isLarge ? [] : appends()),
        ['searches', () => measureSearches(folder, scale)],
        ['audit', () => measureAudit(folder)],
      ]
function appends(): Step[] {
  return [
    ['single appends', () => measureSingleAppends(folder, scale)],
    ['batched appends', () => measureBatchedAppends(folder, scale)],
    ['PostgreSQL', () => measurePostgres(join(folder, 'postgres'), scale)],
  ]
}
try {
  const rows: Row[] = []
  for (const [name, measure] of steps) {
    process.stderr.write(`measuring ${name} …\n`)
    rows.push(...(await measure()))
  }
  const cores = cpus()
  console.log(`Node ${process.version}, ${cores.length} × ${cores[0]?.model ?? 'unknown'}\n`)
  console.log(formatTable(rows))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
