// npm run bench [-- --quick]: every figure beside what it is measured against in the same run,
// because machines differ and are shared; only the ratios mean something elsewhere.
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureBatchedAppends, measureSingleAppends } from './appends.ts'
import { measureAudit } from './audits.ts'
import { formatTable, type Row, scales } from './report.ts'
import { measureSearches } from './searches.ts'

const scale = process.argv.includes('--quick') ? scales.quick : scales.full
const folder = mkdtempSync(join(tmpdir(), 'indelible-bench-'))
const steps: [string, () => Promise<Row[]>][] = [
  ['single appends', () => measureSingleAppends(folder, scale)],
  ['batched appends', () => measureBatchedAppends(folder, scale)],
  ['searches', () => measureSearches(folder, scale)],
  ['audit', () => measureAudit(folder)],
]
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
