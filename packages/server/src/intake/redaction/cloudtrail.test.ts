import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createRedactor } from '../redact.ts'

const { redact } = createRedactor({ hashSecret: 'test' })

describe('CloudTrail records', () => {
  const real = new URL(
    '../../../../../../shared/data/cloudtrail-2023-07-10.ndjson.gz',
    import.meta.url,
  )
  const sample = new URL('../../../../testkit/samples/cloudtrail.ndjson', import.meta.url)
  const files: [string, string][] = [['our sample', readFileSync(sample, 'utf8')]]
  if (existsSync(real)) files.push(['real ones', gunzipSync(readFileSync(real)).toString('utf8')])

  it.each(files)(
    'lose every access key, token and password, and nothing of their shape: %s',
    (_name, text) => {
      const records: unknown[] = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      const kept = records.map((record) => redact(record))
      expect(kept.map(listNames)).toEqual(records.map(listNames))
      const secrets = new Set(records.flatMap((record) => listSecrets(record)))
      expect(secrets.size).toBeGreaterThan(5)
      const keptText = JSON.stringify(kept)
      expect([...secrets].filter((secret) => keptText.includes(secret))).toEqual([])
      expect(keptText.match(/A[KS]IA[A-Z0-9]{16}|IQoJb3JpZ2lu|hunter\d|Correct-Horse/g)).toBeNull()
    },
  )

  /** Every name, in order: only values may change. */
  function listNames(value: unknown): unknown[] {
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).flatMap(([name, member]) => [name, ...listNames(member)])
  }

  function listSecrets(value: unknown): string[] {
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).flatMap(([name, member]) =>
      typeof member === 'string' &&
      member !== '' &&
      /^(?:accessKeyId|sessionToken|nextToken|password|secretAccessKey|secretString)$/.test(name)
        ? [member]
        : listSecrets(member),
    )
  }
})
