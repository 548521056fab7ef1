import { expect, test } from 'vitest'
import { createEntryCounter, type ExportFormat } from './count-lines.ts'

const files: readonly (readonly [ExportFormat, string, number])[] = [
  ['ndjson', '', 0],
  ['ndjson', '{"a":"\\n\\""}\n{"b":"ü"}\n', 2],
  ['csv', '"tenant","data"\r\n', 0],
  ['csv', '"tenant","data"\r\n"a","two\nlines, ""quoted"""\r\n"b","\n"\r\n', 2],
  ['receipts', '{"format":"indelible-receipts/v1"}\n{"entry":1}\n', 1],
]

test.each(files)(
  'entries of %s are counted wherever the pieces are cut: %j',
  (format, text, count) => {
    const bytes = new TextEncoder().encode(text)
    for (let size = 1; size <= bytes.length + 1; size++) {
      const counter = createEntryCounter(format)
      for (let at = 0; at < bytes.length; at += size) counter.add(bytes.subarray(at, at + size))
      expect(counter.entries()).toBe(count)
      expect(counter.isBetweenLines()).toBe(true)
    }
  },
)

test.each([
  ['ndjson', '{"a":1}\n{"b"'],
  ['csv', '"tenant"\r\n"a\n'],
  ['csv', '"tenant"\r\n"a"'],
] as const)('what ends within a line of %s can’t be whole: %j', (format, text) => {
  const counter = createEntryCounter(format)
  counter.add(new TextEncoder().encode(text))
  expect(counter.isBetweenLines()).toBe(false)
})
