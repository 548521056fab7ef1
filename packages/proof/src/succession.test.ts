import { expect, test } from 'vitest'
import { createSigner } from '../test/signer.ts'
import { parseVerifierKey } from './key.ts'
import { followSuccessions, formatSuccession, verifySuccession } from './succession.ts'

const origin = 'audit.example.com/l/1'
const [first, second, third] = [1, 2, 3].map((seed) => createSigner(origin, seed)) as [
  ReturnType<typeof createSigner>,
  ReturnType<typeof createSigner>,
  ReturnType<typeof createSigner>,
]
type Signer = typeof first

function succeed(former: Signer, next: Signer, signers: readonly Signer[] = [former, next]) {
  const text = formatSuccession({ origin, former: former.vkey, next: next.vkey })
  return `${text}\n${signers.map((signer) => signer.sign(text)).join('')}`
}

test('a key that the former one names, and that signs as well, follows it', async () => {
  const next = await verifySuccession(succeed(first, second), parseVerifierKey(first.vkey))
  expect(next.vkey).toBe(second.vkey)
})

test.each<[string, string]>([
  ['the new key alone says so', succeed(first, second, [second])],
  ['the former key alone says so', succeed(first, second, [first])],
  ['another key says so', succeed(first, second, [third])],
  ['it is another key’s succession', succeed(second, third)],
  ['another word is in it', succeed(first, second).replace('/v1', '/v2')],
  ['it has a line more', succeed(first, second).replace('\n\n', '\nmore\n\n')],
  ['it is no note', 'nothing'],
])('nothing follows where %s', async (_, note) => {
  await expect(verifySuccession(note, parseVerifierKey(first.vkey))).rejects.toThrow()
})

test('a key of another name, or of another kind, does not follow', async () => {
  const elsewhere = createSigner('elsewhere.example', 2)
  const text = formatSuccession({ origin, former: first.vkey, next: elsewhere.vkey })
  const note = `${text}\n${first.sign(text)}${elsewhere.sign(text)}`
  await expect(verifySuccession(note, parseVerifierKey(first.vkey))).rejects.toThrow()
})

test('from any key that was pinned the way leads to the one in use, and no further than vouched for', async () => {
  const notes = [succeed(first, second), succeed(second, third)]
  const all = [first, second, third].map(({ vkey }) => vkey)
  expect(await followSuccessions(first.vkey, notes)).toEqual(all)
  expect(await followSuccessions(second.vkey, notes)).toEqual(all.slice(1))
  expect(await followSuccessions(third.vkey, notes)).toEqual([third.vkey])
  const forged = [succeed(first, second, [second, third]), succeed(second, third)]
  expect(await followSuccessions(first.vkey, forged)).toEqual([first.vkey])
})
