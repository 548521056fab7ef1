import type { ServiceFigures } from '@indelible/protocol'
import { expect, test } from 'vitest'
import { judgeService } from './judge.ts'

const sound: ServiceFigures = {
  ...{ version: '0.1.0', node: 'v26.0.0', started: '2026-11-20T20:11:00.123Z', ready: true },
  store: { kind: 'sqlite', where: '/data', bytes: 1 },
  ...{ logs: 1, entries: 1, appended: 1, rate: 1 },
  intake: { bytes: 0, bytesMax: 100, stopped: null },
  index: { behind: 0, behindMax: 100 },
  queues: [],
  signing: { signs: true, refusals: [] },
  memory: { rss: 1, heap: 1 },
}
const queue = {
  ...{ broker: 'amqp', queue: 'q', connected: true, ready: 0, held: 0, oldestAgeS: 0 },
  ...{ consumed: 0, deadLettered: 0, redelivered: 0, waitsFor: null },
}

test.each<[string, Partial<ServiceFigures>, string]>([
  ['nothing is wrong', {}, 'fine'],
  ['it waits for the disk', { intake: { ...sound.intake, bytes: 50 } }, 'slow'],
  ['the index is behind', { index: { behind: 50, behindMax: 100 } }, 'slow'],
  ['a queue waits', { queues: [{ ...queue, waitsFor: 'the store' }] }, 'slow'],
  ['a broker is away', { queues: [queue, { ...queue, connected: false }] }, 'stopped'],
  ['the ledger stopped', { intake: { ...sound.intake, stopped: 'a fault' } }, 'stopped'],
  [
    'one log is not signed',
    { signing: { signs: true, refusals: [{ tenant: 'a', reason: 'forked' }] } },
    'stopped',
  ],
  ['it is not ready for whatever reason', { ready: false }, 'stopped'],
])('the service is as well as its worst part: where %s', (_, differs, state) => {
  expect(judgeService({ ...sound, ...differs })).toBe(state)
})
