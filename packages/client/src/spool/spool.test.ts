import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '@indelible/testkit'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Backlog } from '../backlog.ts'
import { ClientError } from '../error.ts'
import { compactBytesMin } from '../limits.ts'
import { computeCrc32, formatFrame } from './frame.ts'
import { openSpool, type SpoolOptions } from './spool.ts'

let temporary: ReturnType<typeof createTemporaryFolder>
let path: string
let damaged: string[]
let errors: ClientError[]
beforeEach(() => {
  temporary = createTemporaryFolder()
  path = join(temporary.path, 'app.spool')
  damaged = []
  errors = []
})
afterEach(() => {
  expect(errors).toEqual([])
  temporary[Symbol.dispose]()
})

const open = (options: Partial<SpoolOptions> = {}): Backlog =>
  openSpool({
    path,
    bytesMax: 64 * 1024 * 1024,
    fsync: 'never',
    clock: Date.now,
    onDamaged: (line) => damaged.push(line),
    onError: (error) => errors.push(error),
    ...options,
  })
/** As after a SIGKILL: nothing was closed, and the lock is a dead process's. */
const abandon = (spool: Backlog): void => {
  const copies = ['', '.progress'].map((end) => [end, readFileSync(path + end)] as const)
  spool.close()
  for (const [end, bytes] of copies) writeFileSync(path + end, bytes)
}
const json = (n: number) => JSON.stringify({ n, text: 'ä\n"' })
const all = (spool: Backlog) => spool.peek(1_000_000, 1e9).map((pending) => pending.json)
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, n) => json(from + n))
const fill = (spool: Backlog, count: number, from = 0): void => {
  for (const one of upTo(count, from)) expect(spool.push(one)).toBe(true)
}

describe('a spool', () => {
  test('holds after a crash what was pushed and not committed, in order', () => {
    const spool = open()
    fill(spool, 10)
    spool.commit(spool.peek(4, 1e9))
    abandon(spool)
    const again = open()
    expect(again.events).toBe(6)
    expect(all(again)).toEqual(upTo(6, 4))
    again.close()
  })

  test('is read in batches bounded by events and by bytes, and never by less than one', () => {
    const spool = open()
    fill(spool, 10)
    expect(spool.peek(3, 1e9)).toHaveLength(3)
    expect(spool.peek(100, spool.bytes / 2)).toHaveLength(5)
    expect(spool.peek(100, 1)).toHaveLength(1)
    spool.close()
  })

  test('loses of a torn tail, cut anywhere, only what had not returned', () => {
    const spool = open()
    fill(spool, 3)
    abandon(spool)
    const whole = readFileSync(path)
    const ends = [...whole.keys()].filter((at) => whole[at] === 0x0a).map((at) => at + 1)
    for (let size = 0; size <= whole.length; size += 1) {
      writeFileSync(path, whole)
      truncateSync(path, size)
      const torn = open()
      const kept = Math.max(0, ends.filter((end) => end <= size).length - 1)
      expect(all(torn), `cut to ${size} bytes`).toEqual(upTo(kept))
      fill(torn, 1, 9)
      expect(all(torn)).toEqual([...upTo(kept), json(9)])
      abandon(torn)
    }
    expect(damaged).toEqual([])
  })

  test('hands a damaged line out and keeps its neighbours', () => {
    const spool = open()
    fill(spool, 3)
    abandon(spool)
    const bytes = readFileSync(path)
    const at = bytes.indexOf('"n":1')
    bytes[at + 4] = 0x37
    writeFileSync(path, bytes)
    const again = open()
    expect(all(again)).toEqual([json(0), json(2)])
    expect(damaged).toEqual([expect.stringContaining('"n":7')])
    again.close()
  })

  test('survives any garbage, and takes events behind it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        writeFileSync(path, garbage)
        appendFileSync(path, '\n')
        const spool = open()
        fill(spool, 2)
        abandon(spool)
        const again = open()
        expect(all(again)).toEqual(upTo(2))
        again.commit(again.peek(2, 1e9))
        again.close()
      }),
    )
  })

  test('does not believe a note of progress that outlived its file', () => {
    const spool = open()
    fill(spool, 5)
    spool.commit(spool.peek(5, 1e9))
    abandon(spool)
    // A power cut took the events; the note was on the disk already.
    truncateSync(path, 40)
    const again = open()
    fill(again, 5)
    abandon(again)
    const third = open()
    expect(all(third)).toEqual(upTo(5))
    third.close()
  })

  test('sends again rather than skip, where the note of progress is torn', () => {
    const spool = open()
    fill(spool, 5)
    spool.commit(spool.peek(5, 1e9))
    abandon(spool)
    truncateSync(`${path}.progress`, 20)
    const again = open()
    expect(all(again)).toEqual(upTo(5))
    again.close()
  })

  test('is written anew when much was delivered, and keeps what was not', () => {
    const spool = open()
    const large = JSON.stringify('x'.repeat(100_000))
    for (let n = 0; n * large.length < 2 * compactBytesMin; n += 1) spool.push(large)
    fill(spool, 3)
    spool.commit(spool.peek(spool.events - 3, 1e9))
    expect(readFileSync(path).length).toBeLessThan(1_000)
    expect(all(spool)).toEqual(upTo(3))
    fill(spool, 1, 3)
    abandon(spool)
    const again = open()
    expect(all(again)).toEqual(upTo(4))
    again.close()
  })

  test('takes no more than its bound, and more once some was delivered', () => {
    const spool = open({ bytesMax: 200 })
    while (spool.push(json(1)));
    expect(spool.bytes).toBeLessThanOrEqual(200)
    spool.commit(spool.peek(1, 1))
    expect(spool.push(json(1))).toBe(true)
    spool.close()
  })

  test('leaves nothing behind when all was delivered, and everything else otherwise', () => {
    const spool = open({ fsync: 'each' })
    fill(spool, 1)
    spool.close()
    expect(existsSync(path)).toBe(true)
    expect(existsSync(`${path}.lock`)).toBe(false)
    const again = open()
    again.commit(again.peek(1, 1))
    again.close()
    for (const end of ['', '.progress', '.lock', '.new']) expect(existsSync(path + end)).toBe(false)
  })
})

test('a spool that can not be, or that somebody cut while it was in use, says so', () => {
  const folder = `${temporary.path}/none`
  expect(() => open({ path: `${folder}/x` })).toThrow(
    expect.objectContaining({ code: 'spool-failed' }),
  )
  const spool = open()
  fill(spool, 3)
  truncateSync(path)
  expect(() => spool.peek(1, 1)).toThrow(expect.objectContaining({ code: 'spool-failed' }))
  abandon(spool)
})

describe('the lock of a spool', () => {
  const lock = (holder: object) => writeFileSync(`${path}.lock`, JSON.stringify(holder))
  const codeOf = (action: () => unknown): string => {
    try {
      action()
      return 'none'
    } catch (error) {
      return error instanceof ClientError ? error.code : String(error)
    }
  }

  test('refuses a second client of the same process', () => {
    const spool = open()
    expect(codeOf(open)).toBe('spool-in-use')
    spool.close()
    open().close()
  })

  test('refuses another living process, and takes over from a dead one or a reborn pid', async () => {
    const { hostname } = await import('node:os')
    // Our parent lives; it has begun at another time than "1".
    lock({ pid: process.ppid, host: hostname() })
    expect(codeOf(open)).toBe('spool-in-use')
    lock({ pid: process.ppid, host: hostname(), began: '1' })
    open().close()
    lock({ pid: 2 ** 22 + 1, host: hostname() })
    open().close()
  })

  test('refuses another host until it was silent for long', () => {
    lock({ pid: 1, host: 'elsewhere' })
    expect(codeOf(open)).toBe('spool-in-use')
    open({ clock: () => Date.now() + 60_000 }).close()
  })
})

test('the checksum is the CRC-32 of everyone', () => {
  expect(computeCrc32(Buffer.from('123456789'))).toBe(0xcbf43926)
  expect(formatFrame('123456789').toString()).toBe('cbf43926 123456789\n')
})
