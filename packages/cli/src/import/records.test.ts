import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '../core/failure.ts'
import { splitRecords } from './records.ts'

async function* inChunks(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = async (text: string, size = 7): Promise<readonly unknown[]> => {
  const lines = await Array.fromAsync(splitRecords(inChunks(text, size)))
  return lines.map(({ bytes }) => JSON.parse(bytes?.toString() ?? ''))
}

test('a delivered file gives its records, whatever their strings hold', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
      fc.integer({ min: 1, max: 5_000 }),
      async (records, size) => {
        const expected: unknown = JSON.parse(JSON.stringify(records))
        expect(await read(JSON.stringify({ Records: records }, null, 1), size)).toEqual(expected)
        expect(await read(JSON.stringify({ Records: records }), size)).toEqual(expected)
        expect(await read(JSON.stringify(records), size)).toEqual(expected)
      },
    ),
  )
})

test('one record a line is read as well', async () => {
  expect(await read('{"eventID":"1"}\n{"eventID":"2"}\n')).toEqual([
    { eventID: '1' },
    { eventID: '2' },
  ])
})

test('a delivered file that is cut short is told, not taken for whole', async () => {
  await expect(read('{"Records":[{"eventID":"1"},{"eventID":')).rejects.toThrow(Failure)
})
