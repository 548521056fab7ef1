import { hash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { auditData } from '@indelible/server'
import type { Row } from './report.ts'

/** The audit of a whole log against hashing what it hashes: each part's text, one core. */
export async function measureAudit(folder: string): Promise<Row[]> {
  const data = join(folder, 'search')
  const begin = performance.now()
  const { entries, findings } = await auditData({ folder: data })
  const seconds = (performance.now() - begin) / 1000
  if (findings.length > 0) throw new Error(`The audit found ${JSON.stringify(findings[0])}`)
  const { calls, stream } = hashTexts(join(data, 'log.db'))
  const value = `${Math.round(entries / seconds).toLocaleString('en')} entries/s`
  const against = (hashing: number) =>
    `${Math.round(entries / hashing).toLocaleString('en')} entries/s`
  return [
    {
      what: 'audit of a whole log',
      value,
      against: `SHA-256 of the same texts, a call each: ${against(calls)}`,
      ratio: calls / seconds,
      goal: '≥ 0.25',
    },
    {
      what: 'the same',
      value,
      against: `SHA-256 of the same bytes in one stream: ${against(stream)}`,
      ratio: stream / seconds,
    },
  ]
}

/** Seconds of hashing alone; reading from the file is not counted. */
function hashTexts(path: string): { calls: number; stream: number } {
  const database = new DatabaseSync(path, { readOnly: true })
  const columns = ['core', 'actor', 'changes', 'context', 'data', 'targets']
  const select = database.prepare(
    `SELECT ${columns.join(', ')} FROM entry WHERE seq > ? LIMIT 5000`,
  )
  let [seq, calls, stream] = [0, 0, 0]
  for (;;) {
    const rows = select.all(seq)
    if (rows.length === 0) break
    seq += rows.length
    const texts = rows.flatMap((row) => Object.values(row).filter((text) => text !== null))
    const buffers = texts.map((text) => Buffer.from(String(text)))
    const begin = performance.now()
    for (const buffer of buffers) hash('sha256', buffer, 'latin1')
    const middle = performance.now()
    hash('sha256', Buffer.concat(buffers), 'latin1')
    calls += (middle - begin) / 1000
    stream += (performance.now() - middle) / 1000
  }
  database.close()
  return { calls, stream }
}
