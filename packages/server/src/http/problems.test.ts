import { readFileSync } from 'node:fs'
import { type ProblemCode, problemCodes } from '@indelible/protocol'
import { startTestServer } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { problemGuide } from './problem-guide.ts'
import { problemTable } from './problems.ts'

/** Codes that no route of OpenAPI gives: a path that is no route. */
const ofNoRoute: readonly ProblemCode[] = ['route-unknown']

const document = readFileSync(
  new URL('../../../../docs/reference/problems.md', import.meta.url),
  'utf8',
)

/** A code's row of docs/reference/problems.md; paste it there when a code is new. */
const rowOf = (code: ProblemCode): string => {
  const { status, title } = problemTable[code]
  const { meaning, remedy } = problemGuide[code]
  return `| <a id="${code}"></a>\`${code}\` | ${status} | ${title}. ${meaning} | ${remedy} |`
}

test('the reference has every problem code, word for word, and no other', () => {
  const rows = document.split('\n').filter((line) => line.startsWith('| <a id='))
  expect(rows).toEqual(problemCodes.map(rowOf))
})

test('OpenAPI names every problem code but those of no route, and no other', async () => {
  await using server = await startTestServer()
  const { text } = await server.ask('/openapi.json')
  const named = [...text.matchAll(/"x-problem-codes":\[([^\]]*)\]/g)].flatMap(
    ([, codes]) => JSON.parse(`[${codes}]`) as string[],
  )
  const expected = problemCodes.filter((code) => !ofNoRoute.includes(code))
  expect([...new Set(named)].sort()).toEqual([...expected].sort())
})

test('the type of a problem is a link that the service itself answers', async () => {
  await using server = await startTestServer()
  const { json } = await server.ask('/v1/nothing')
  const type = new URL(json.type, server.url)
  const page = await server.ask(type.pathname, { headers: { authorization: '' } })
  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toContain('text/html')
  for (const code of problemCodes) expect(page.text).toContain(`<section id="${code}">`)
  expect(problemCodes).toContain(type.hash.slice(1))
})
