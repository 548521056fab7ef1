import { createClient, type FsyncPolicy } from '@indelible/client'
import { createRandom } from '@indelible/testkit'

/**
 * An application that records into a spool and is killed at last, or closes. What it may rely on it
 * says on stdout, where the journal sees it between the calls that it made: `mark promised <n>` once
 * `record` returned, `mark synced <n>` once a sync was done that began after so many were promised,
 * `mark handed <n> <n> …` once the service acknowledged.
 */
const [spool = '', policy = '', from = '', paceMs = '', ending = ''] = process.argv.slice(2)
const fs = process.getBuiltinModule('node:fs')
const random = createRandom(Number(from) + 1)
const eventsPerLife = 70
const say = (text: string): void => void fs.writeSync(1, `mark ${text}\n`)
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

let promised = Number(from)
const { fdatasync } = fs
Object.assign(fs, {
  fdatasync(fd: number, done: (error: Error | null) => void) {
    const before = promised
    fdatasync(fd, (error) => {
      if (error === null) say(`synced ${before}`)
      done(error)
    })
  },
})

let requests = 0
/** Takes every second request, refuses what is marked as bad, and loses the answer now and then. */
const service: typeof fetch = async (_, init) => {
  requests += 1
  await wait(random.whole(5))
  if (requests % 2 === 0) throw new TypeError('fetch failed')
  const events: { id: string; data: { n: number; isBad: boolean } }[] = JSON.parse(
    String(init?.body),
  )
  const bad = events.findIndex(({ data }) => data.isBad)
  const errors = [{ pointer: `/${bad}/data`, detail: 'is bad' }]
  if (bad !== -1) return Response.json({ code: 'event-invalid', errors }, { status: 422 })
  say(`handed ${events.map(({ data }) => data.n).join(' ')}`)
  const entries = events.map(({ id }) => ({ id, index: 0, hash: '' }))
  return Response.json({ entries }, { status: 201 })
}

const client = createClient({
  url: 'http://indelible.test',
  spool,
  fsync: policy as FsyncPolicy, // of the test
  // So little that the file is written anew every few batches.
  spoolBytesMax: 16 * 1024,
  batchEventsMax: 8,
  lingerMs: 1,
  random: () => random() / 10,
  fetch: service,
  onFull: 'block',
  onRejected: () => undefined,
})
for (; promised < Number(from) + eventsPerLife; ) {
  const n = promised
  const text = String(n).padEnd(random.whole(1_500), '.')
  await client.record({ action: 'a', actor: { id: 'u' }, data: { n, text, isBad: n % 20 === 7 } })
  promised += 1
  say(`promised ${n}`)
  if (n % 3 === 0) await wait(random.whole(Number(paceMs)))
}
if (ending === 'close') await client.close()
else process.kill(process.pid, 'SIGKILL')
