import { expect, test } from 'vitest'
import { parseListQuery } from './routes/users-input.ts'

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'a field called %s is as unknown as any other',
  (field) => {
    const query = Object.fromEntries([[field, '1']])
    const detail = 'Unknown; known are limit, cursor.'
    const faults = [{ field, detail }]
    expect(() => parseListQuery(query)).toThrow(expect.objectContaining({ faults }))
  },
)
