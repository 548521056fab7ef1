import { expect, test } from 'vitest'
import { formatQuery } from '../../../query/query.ts'
import { createExportId, readExportId } from './saved-export.ts'

const ask = (exportBody: object) => {
  const { query, received } = readExportId(createExportId({ exportBody, name: 'n' }), 0)
  return { q: formatQuery(query), received }
}

test('an export finds what the viewer’s search field, boxes and dates say', () => {
  const shown = { showCreate: true, showRead: false, showUpdate: true, showDelete: true }
  expect(ask({ searchQuery: 'action:a.*', ...shown, startTime: 5, endTime: null })).toEqual({
    ...{ q: 'action:a.* data.crud:c,u,d,unknown', received: { since: 5 } },
  })
  expect(ask({ searchQuery: '', startTime: 5, endTime: 9 })).toEqual({
    ...{ q: '', received: { since: 5, until: 9 } },
  })
})

test('what is no export of ours is unknown or refused, whatever it holds', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  for (const id of ['x', '', encode(5), encode('q')]) {
    expect(() => readExportId(id, 0), id).toThrow(/no such export/)
  }
  for (const letter of [{}, { toString: 1 }, ['c']]) {
    const id = encode({ crud: [letter] })
    expect(() => readExportId(id, 0)).toThrow(/takes c, r, u and d/)
  }
  expect(readExportId(encode({ q: 5, since: 'x' }), 0)).toMatchObject({ received: {} })
  for (const body of [undefined, [], {}, { exportBody: 3 }]) {
    expect(() => createExportId(body)).toThrow(/exportBody/)
  }
  expect(() => ask({ searchQuery: 'x'.repeat(500) })).toThrow(/too long/)
})
