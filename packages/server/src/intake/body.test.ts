import { gzipSync } from 'node:zlib'
import { limits } from '@indelible/protocol'
import { describe, expect, it } from 'vitest'
import { readEvents } from './body.ts'

const json = 'application/json'
const ndjson = 'application/x-ndjson'
const gzipped = (text: string) => gzipSync(text)

const read = (body: string | Buffer, contentType: string | undefined, contentEncoding?: string) =>
  readEvents({ body: Buffer.from(body), contentType, contentEncoding })

describe('a body is read by its media type', () => {
  it.each([
    ['an object is one event', '{"a":1}', json, 'single', [{ a: 1 }]],
    ['an array is a batch', '[{"a":1},2]', json, 'batch', [{ a: 1 }, 2]],
    ['an empty array is an empty batch', '[]', json, 'batch', []],
    ['a scalar is left to the validator', 'null', json, 'single', [null]],
    ['charset utf-8 is the one there is', '{}', `${json}; charset=UTF-8`, 'single', [{}]],
    ['quoted too, in any case', '{}', 'Application/JSON ;charset="utf-8"', 'single', [{}]],
    ['other parameters change nothing', '{}', `${json}; profile=x`, 'single', [{}]],
    ['lines are a batch', '{"a":1}\n{"a":2}\n', ndjson, 'batch', [{ a: 1 }, { a: 2 }]],
    ['even one line', '{"a":1}', 'application/ndjson', 'batch', [{ a: 1 }]],
    ['no line at all is an empty batch', '', 'application/jsonl', 'batch', []],
    ['CRLF ends a line too', '{"a":1}\r\n{"a":2}\r\n', ndjson, 'batch', [{ a: 1 }, { a: 2 }]],
    ['empty lines are skipped', '\n\n{"a":1}\n \t\r\n\n', ndjson, 'batch', [{ a: 1 }]],
  ])('%s', async (_name, body, contentType, shape, values) => {
    expect(await read(body, contentType)).toEqual({ shape, values })
  })

  it.each([
    [undefined],
    [''],
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['application/json, text/plain'],
    ['application/jsonp'],
    ['application/json; charset=latin1'],
    ['application/json; charset=utf-8; charset=utf-16'],
    ['application/x-ndjson; charset="utf-7"'],
  ])('%j is refused, naming what is accepted', async (contentType) => {
    await expect(read('{}', contentType)).rejects.toMatchObject({
      code: 'media-type-unsupported',
      message: expect.stringContaining('application/json'),
    })
  })
})

describe('a line that is no JSON is named (J-10)', () => {
  it.each([
    ['cut at the end', '{"a":1}\r\n\n{"a":2', 3, '/1/a'],
    ['two values on one line', '{"a":1}{"a":2}\n', 1, '/0'],
    ['one value over two lines', '{"a":1}\n{"a":\n2}\n', 2, '/1/a'],
    ['a byte order mark', '\ufeff{"a":1}\n', 1, '/0'],
    ['a line of a non-breaking space', '{"a":1}\n\u00a0\n', 2, '/1'],
    ['a lone CR', '{"a":1}\r{"a":2}', 1, '/0'],
  ])('%s', async (_name, body, line, pointer) => {
    await expect(read(body, ndjson)).rejects.toMatchObject({
      code: 'json-malformed',
      message: expect.stringContaining(`at line ${line},`),
      errors: [{ pointer }],
    })
  })
})

describe('compression', () => {
  it.each(['gzip', 'GZIP', ' x-gzip '])('%s is accepted', async (coding) => {
    expect(await read(gzipped('{"a":1}'), json, coding)).toEqual({
      shape: 'single',
      values: [{ a: 1 }],
    })
  })

  it('of several members, as RFC 1952 allows, is read as one', async () => {
    const body = Buffer.concat([gzipped('{"a":1}\n'), gzipped('{"a":2}')])
    expect((await read(body, ndjson, 'gzip')).values).toEqual([{ a: 1 }, { a: 2 }])
  })

  it.each(['', 'identity'])('named %j is none', async (coding) => {
    expect((await read('{}', json, coding)).values).toEqual([{}])
  })

  it.each(['br', 'deflate', 'zstd', 'gzip, gzip', 'gzip,identity', 'x'])(
    '%s is refused',
    async (coding) => {
      await expect(read(gzipped('{}'), json, coding)).rejects.toMatchObject({
        code: 'media-type-unsupported',
      })
    },
  )

  it.each([
    ['that is none', Buffer.from('{}')],
    ['of nothing', Buffer.alloc(0)],
    ['that was cut', gzipped('{"a":1}').subarray(0, -3)],
    ['with garbage behind it', Buffer.concat([gzipped('{"a":1}'), Buffer.from('garbage')])],
    ['with zeros behind it', Buffer.concat([gzipped('{"a":1}'), Buffer.alloc(8)])],
    ['with a wrong checksum', Buffer.from(gzipped('{"a":1}')).fill(1, 20, 24)],
  ])('%s is malformed', async (_name, body) => {
    await expect(read(body, json, 'gzip')).rejects.toMatchObject({ code: 'json-malformed' })
  })
})

describe('size', () => {
  it('above the bound is refused, plain', async () => {
    const body = Buffer.alloc(limits.bodyBytesMax + 1, ' ')
    await expect(read(body, json)).rejects.toMatchObject({ code: 'body-too-large' })
  })

  it('above the bound is refused, inflated from a thousandth of it (D-01)', async () => {
    const bomb = gzipSync(Buffer.alloc(4 * limits.bodyBytesMax))
    expect(bomb.length).toBeLessThan(limits.bodyBytesMax / 100)
    await expect(read(bomb, json, 'gzip')).rejects.toMatchObject({ code: 'body-too-large' })
  })

  it.each([
    ['an array', json, `[${'1,'.repeat(limits.batchEventsMax)}1]`],
    ['lines', ndjson, '1\n'.repeat(limits.batchEventsMax + 1)],
  ])('of a batch above its bound is refused: %s', async (_name, contentType, body) => {
    await expect(read(body, contentType)).rejects.toMatchObject({ code: 'event-invalid' })
  })

  it('of a batch at its bound is taken', async () => {
    const { values } = await read('1\n'.repeat(limits.batchEventsMax), ndjson)
    expect(values).toHaveLength(limits.batchEventsMax)
  })
})
