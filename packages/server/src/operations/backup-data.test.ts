import { join } from 'node:path'
import { auditData, backupData } from '@indelible/server'
import { createTemporaryFolder, startTestServer } from '@indelible/testkit'
import { expect, test } from 'vitest'

const batchOf = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    action: 'order.paid',
    actor: { id: `u_${n}` },
    data: { n },
  }))

test('smoke', async () => {
  await using server = await startTestServer()
  using temporary = createTemporaryFolder()
  for (let n = 0; n < 30; n++) await server.post('/v1/events', batchOf(1000))
  const t = performance.now()
  console.log(await auditData({ folder: server.folder }), performance.now() - t)
  const target = join(temporary.path, 'backup')
  console.log(await backupData({ folder: server.folder, target, includeSeed: true }))
  console.log(await auditData({ folder: target }))
})
