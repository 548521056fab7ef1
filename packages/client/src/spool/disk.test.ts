import fs, { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder, mountSmallDisk } from '@indelible/testkit'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { type AuditEvent, type ClientError, type ClientOptions, createClient } from '../index.ts'
import { syncIntervalMs } from '../limits.ts'

const temporary = createTemporaryFolder()
const small = mountSmallDisk(join(temporary.path, 'small'), 'disk.test.ts')
const ballast = join(small?.path ?? '', 'ballast')
afterAll(() => {
  small?.[Symbol.dispose]()
  temporary[Symbol.dispose]()
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  rmSync(ballast, { force: true })
})

/** Fills the small disk to the last byte. */
function fill(): void {
  const fd = fs.openSync(ballast, 'a')
  try {
    for (let bytes = 1 << 20; bytes > 0; ) {
      try {
        fs.writeSync(fd, Buffer.alloc(bytes))
      } catch {
        bytes >>= 1
      }
    }
  } finally {
    fs.closeSync(fd)
  }
}

const note = 'x'.repeat(1_000)
const event = (id: string): AuditEvent => ({ action: 'a', actor: { id: 'u' }, id, data: { note } })

/** A client on a spool, and a service that takes what comes while it is open. */
function connect(spool: string, options: Partial<ClientOptions> = {}) {
  const log: string[] = []
  const errors: ClientError[] = []
  const gate = { isOpen: true }
  const client = createClient({
    url: 'http://indelible.test',
    spool,
    drainOnSigterm: false,
    random: () => 0.01,
    onRejected: () => undefined,
    onError: (error) => errors.push(error),
    fetch: async (_, init) => {
      if (!gate.isOpen) throw new TypeError('fetch failed')
      const events: AuditEvent[] = JSON.parse(String(init?.body))
      const bad = events.findIndex(({ action }) => action === '')
      const faults = [{ pointer: `/${bad}/action`, detail: 'is empty' }]
      if (bad !== -1)
        return Response.json({ code: 'event-invalid', errors: faults }, { status: 422 })
      log.push(...events.map(({ id = '' }) => id))
      const entries = events.map(({ id }) => ({ id, index: 0, hash: '' }))
      return Response.json({ entries }, { status: 201 })
    },
    ...options,
  })
  /** Records until the spool won't have more. @returns what was taken, and what the last one threw */
  const recordAll = (name: string, countMax: number): { taken: string[]; thrown: unknown } => {
    const taken: string[] = []
    for (let n = 0; n < countMax; n += 1) {
      try {
        client.record(event(`${name}${n}`))
        taken.push(`${name}${n}`)
      } catch (thrown) {
        return { taken, thrown }
      }
    }
    return { taken, thrown: undefined }
  }
  return { client, log, errors, gate, recordAll }
}

const failed = expect.objectContaining({ code: 'spool-failed' })
const eio = () => Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })

describe.skipIf(small === undefined)('on a full disk a spool', () => {
  const place = (name: string) => join(small?.path ?? '', name)

  test('refuses events, delivers what it took, and takes more once there is room', async () => {
    const { client, log, gate, recordAll } = connect(place('full.spool'))
    gate.isOpen = false
    const before = recordAll('a', 100)
    fill()
    const during = recordAll('b', 1_000)
    expect(during.thrown).toEqual(failed)
    expect(client.stats().refused).toBe(1)
    rmSync(ballast)
    const after = recordAll('c', 100)
    expect(after.thrown).toBeUndefined()
    fill()
    gate.isOpen = true
    await client.flush()
    expect(log).toEqual([...before.taken, ...during.taken, ...after.taken])
    expect(await client.close()).toEqual({ undelivered: 0 })
  })

  test('notes what was delivered though it can not be written anew, and is written anew later', async () => {
    const spool = place('anew.spool')
    const { client, log, errors, gate, recordAll } = connect(spool)
    gate.isOpen = false
    const { taken } = recordAll('a', 3_000)
    fill()
    gate.isOpen = true
    await client.flush()
    expect(log).toEqual(taken)
    expect(errors.filter(({ code }) => code === 'spool-failed')).not.toEqual([])
    expect(readFileSync(spool).length).toBeGreaterThan(3_000_000)
    // As a crash leaves it now: nothing would be sent again.
    const [, noted = ''] = readFileSync(`${spool}.progress`, 'latin1').split(' ')
    expect(Number(noted)).toBe(readFileSync(spool).length)
    rmSync(ballast)
    recordAll('b', 1)
    await client.flush()
    expect(readFileSync(spool).length).toBeLessThan(3_000_000)
    await client.close()
  })

  test('keeps a refused event until it can be kept aside', async () => {
    const spool = place('aside.spool')
    const { client, errors, gate } = connect(spool, { closeTimeoutMs: 50 })
    gate.isOpen = false
    client.record({ ...event('bad'), action: '' })
    fill()
    gate.isOpen = true
    await expect.poll(() => errors.map(({ code }) => code)).toContain('spool-failed')
    expect(client.stats()).toMatchObject({ pending: 1, rejected: 0 })
    await client.close()
    rmSync(ballast)
    const again = connect(spool)
    await again.client.flush()
    expect(again.client.stats()).toMatchObject({ pending: 0, rejected: 1 })
    expect(readFileSync(`${spool}.rejected`, 'utf8')).toContain('"id":"bad"')
    await again.client.close()
  })

  test('says so when it is opened', () => {
    fill()
    expect(() => connect(place('new.spool'))).toThrow(failed)
  })
})

// A disk that fails is not to be had: what the system says of one is put into its mouth.
describe('on a disk that fails a spool', () => {
  const place = (name: string) => join(temporary.path, name)

  test('refuses an event that could not be synced, and trusts nothing that was not synced since', async () => {
    const spool = place('each.spool')
    const { client, log, gate, recordAll } = connect(spool, { fsync: 'each' })
    gate.isOpen = false
    recordAll('a', 2)
    const generation = readFileSync(spool, 'latin1').split('\n')[0]
    vi.spyOn(fs, 'fdatasyncSync').mockImplementationOnce(() => {
      throw eio()
    })
    expect(recordAll('b', 1).thrown).toEqual(failed)
    expect(recordAll('c', 2).taken).toHaveLength(2)
    expect(readFileSync(spool, 'latin1').split('\n')[0]).not.toBe(generation)
    gate.isOpen = true
    await client.flush()
    expect(log).toEqual(['a0', 'a1', 'c0', 'c1'])
    await client.close()
  })

  test('is written anew where a sync in the background failed: the next would hide what it lost', async () => {
    const spool = place('second.spool')
    vi.useFakeTimers()
    const { client, log, errors, gate, recordAll } = connect(spool)
    gate.isOpen = false
    recordAll('a', 2)
    const generation = readFileSync(spool, 'latin1').split('\n')[0]
    const sync = vi.spyOn(fs, 'fdatasync')
    sync.mockImplementationOnce((_, done) => done(eio()))
    await vi.advanceTimersByTimeAsync(syncIntervalMs)
    expect(errors).toContainEqual(failed)
    expect(readFileSync(spool, 'latin1').split('\n')[0]).toBe(generation)
    await vi.advanceTimersByTimeAsync(syncIntervalMs)
    expect(readFileSync(spool, 'latin1').split('\n')[0]).not.toBe(generation)
    expect(sync.mock.calls.length).toBeGreaterThanOrEqual(2)
    gate.isOpen = true
    await vi.advanceTimersByTimeAsync(60_000)
    expect(log).toEqual(['a0', 'a1'])
    vi.useRealTimers()
    await client.close()
  })

  test('cuts off what half a write left before the next event', async () => {
    const { client, log, gate, recordAll } = connect(place('write.spool'))
    gate.isOpen = false
    recordAll('a', 1)
    const write = fs.writeSync
    vi.spyOn(fs, 'writeSync')
      .mockImplementationOnce((fd, bytes) => write(fd, Buffer.from(bytes).subarray(0, 500)))
      .mockImplementationOnce(() => {
        throw eio()
      })
    expect(recordAll('b', 1).thrown).toEqual(failed)
    recordAll('c', 1)
    gate.isOpen = true
    await client.flush()
    expect(log).toEqual(['a0', 'c0'])
    await client.close()
  })

  test('goes on by itself where it could not be read for a while, nor replaced, nor its note written', async () => {
    const spool = place('read.spool')
    const { client, log, errors, gate, recordAll } = connect(spool)
    gate.isOpen = false
    const { taken } = recordAll('a', 2_000)
    const fail = () => {
      throw eio()
    }
    vi.spyOn(fs, 'readSync').mockImplementationOnce(fail).mockImplementationOnce(fail)
    vi.spyOn(fs, 'renameSync').mockImplementationOnce(fail)
    gate.isOpen = true
    await client.flush()
    expect(log).toEqual(taken)
    expect(errors.filter(({ code }) => code === 'spool-failed').length).toBeGreaterThanOrEqual(3)
    expect(existsSync(`${spool}.new`)).toBe(false)
    expect(await client.close()).toEqual({ undelivered: 0 })
  })
})
