import { followSuccessions } from '@indelible/proof'
import { expect, test } from 'vitest'
import { Refusal } from '../base/refusal.ts'
import { createHead } from './commit-group.ts'
import { rotateKey } from './key-rotation.ts'
import { createKeyring } from './keyring.ts'

const keyring = createKeyring({ seed: new Uint8Array(32), originHost: 'here.example' })
const head = createHead(keyring, 'acme', 1)
const how = { revoke: false, now: 1_000 }

test('the key that ends leads to the next one', async () => {
  const { keys } = rotateKey(keyring, head, how)
  const notes = keys.formerKeys.map(({ succession }) => succession)
  expect(await followSuccessions(head.vkey, notes)).toEqual([head.vkey, keys.vkey])
})

test('the next key never signs that it follows one that somebody wrote into the database', () => {
  const theirs = createKeyring({ seed: new Uint8Array(32).fill(1), originHost: 'here.example' })
  const { vkey } = theirs.logSigner(head.origin, head.generation)
  expect(() => rotateKey(keyring, { ...head, vkey }, how)).toThrow(Refusal)
})
