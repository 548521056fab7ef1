import { expect, test } from 'vitest'
import { startIngest } from '../testing/start-ingest.ts'
import { createReporter } from './reporter.ts'

test('an error reaches Sentry with its stack and ids, before closing ends', async () => {
  await using ingest = await startIngest()
  const reporter = createReporter({ dsn: ingest.dsn, environment: 'test' })
  const error = new TypeError('something broke')
  reporter.captureException(error, { request: 'r_1', operator: 'alice' })
  await reporter.close(5_000)

  expect(ingest.taken).toHaveLength(1)
  const [{ path, lines } = { path: '', lines: [] }] = ingest.taken
  expect(path).toBe('/api/42/envelope/')
  const event = lines.find((line) => 'exception' in line)
  expect(event).toMatchObject({
    environment: 'test',
    tags: { request: 'r_1' },
    user: { id: 'alice' },
    exception: { values: [{ type: 'TypeError', value: 'something broke' }] },
  })
  expect(JSON.stringify(event)).toContain('reporter.test.ts')
})

test('without a DSN nothing is sent, and nothing fails', async () => {
  const reporter = createReporter({ dsn: undefined, environment: 'test' })
  reporter.captureException(new Error('unheard'))
  await expect(reporter.close(5_000)).resolves.toBeUndefined()
})
