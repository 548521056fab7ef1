import { createHook } from 'node:async_hooks'
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto'
import { limits } from '@indelible/protocol'
import { CompactEncrypt, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { createSignedTokens, deriveTokenKey } from './signed-tokens.ts'
import { followTokenGenerations, type TokenGenerations } from './token-generations.ts'

const now = Date.UTC(2026, 10, 20, 12)
const seconds = now / 1_000
const secret = Uint8Array.from({ length: 32 }, (_, at) => at)
const key = deriveTokenKey(secret)
const tokens = createSignedTokens({ tokenSecret: secret, instanceId: 'here', clock: () => now })
const later = createSignedTokens({
  tokenSecret: secret,
  instanceId: 'here',
  clock: () => now + 3_600_000,
})

const registered = {
  sub: 'ada',
  jti: 'j1',
  epoch: 'e1',
  iss: 'here',
  aud: 'here',
  iat: seconds,
  nbf: seconds,
  exp: seconds + 60,
}
const claims = { kind: 'session', ...registered } as const
const goodHeader = { alg: 'HS256', typ: 'indelible-session+jwt' }

const encode = (text: string) => Buffer.from(text).toString('base64url')
/** A token whose parts are whatever the attacker likes, rightly signed: the worst case. */
function forge(header: unknown, payload: unknown, signingKey: Uint8Array = key): string {
  const text = (part: unknown) => (typeof part === 'string' ? part : JSON.stringify(part))
  const signed = `${encode(text(header))}.${encode(text(payload))}`
  return `${signed}.${createHmac('sha256', signingKey).update(signed).digest('base64url')}`
}

const claimsOf = async (token: string) => (await tokens.verify(token))?.claims
const refused = async (token: string) => expect(await tokens.verify(token)).toBeUndefined()

test('a session comes back as it was signed, for as long as it lasts', async () => {
  const token = await tokens.sign({
    kind: 'session',
    sub: 'ada',
    jti: 'j1',
    epoch: 'e1',
    exp: seconds + 60,
  })
  expect(await claimsOf(token)).toEqual(claims)
  expect(await later.verify(token)).toBeUndefined()
})

test('a viewer token comes back with its tenant, scopes and filter', async () => {
  const viewer = {
    kind: 'viewer',
    sub: 'k1',
    issuer: 'key',
    jti: 'j2',
    epoch: 'k1',
    exp: seconds + 60,
    tenant: 'acme',
    scopes: ['read'],
    filter: 'actor:"Zoë"',
  } as const
  const token = await tokens.sign({ ...viewer, scopes: ['read'] })
  expect(await claimsOf(token)).toMatchObject(viewer)
})

test('what the forger of these tests makes is accepted when nothing is wrong with it', async () => {
  expect(await claimsOf(forge(goodHeader, claims))).toEqual(claims)
})

describe('no algorithm (A-01)', () => {
  test.each(['none', 'None', 'nOnE', '', 'HS384', 'hs256'])('alg %j is refused', async (alg) => {
    const header = { ...goodHeader, alg }
    await refused(forge(header, claims))
    await refused(`${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}.`)
  })
})

describe('the public key as the secret (A-02)', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  test.each([
    ['PEM', Buffer.from(pem)],
    ['PEM behind white space', Buffer.from(`\n ${pem}`)],
    ['DER', publicKey.export({ type: 'spki', format: 'der' })],
    ['nothing', Buffer.alloc(0)],
    ['the token secret itself', Buffer.from(secret)],
  ])('%s as HMAC key is refused', async (_, signingKey) => {
    await refused(forge(goodHeader, claims, signingKey))
  })
  test('RS256 is refused', async () => {
    const signed = `${encode('{"alg":"RS256","typ":"indelible-session+jwt"}')}.${encode(JSON.stringify(claims))}`
    const signature = createSign('sha256').update(signed).sign(privateKey).toString('base64url')
    await refused(`${signed}.${signature}`)
  })
})

describe('a header that wants something (A-03, A-04, A-05)', () => {
  test.each([
    { kid: '../../dev/null' },
    { kid: "' OR 1=1 --" },
    { kid: 'https://attacker.example/key' },
    { kid: '\0' },
    { jku: 'https://attacker.example/jwks' },
    { x5u: 'https://attacker.example/cert' },
    { jwk: { kty: 'oct', k: encode('attacker') } },
    { x5c: ['MIIB'] },
    { crit: ['exp'], exp: 1 },
    { crit: ['unheard-of'], 'unheard-of': 1 },
    { crit: [] },
    { b64: false, crit: ['b64'] },
    { zip: 'DEF' },
    { typ: 'JWT' },
    { typ: 'indelible-viewer+jwt' },
  ])('%j is refused', async (extra) => {
    await refused(forge({ ...goodHeader, ...extra }, claims))
    const viewer = { ...claims, kind: 'viewer', issuer: 'key', tenant: 'acme', scopes: ['read'] }
    const viewerHeader = { ...goodHeader, typ: 'indelible-viewer+jwt' }
    expect(await claimsOf(forge(viewerHeader, viewer))).toEqual(viewer)
    if (!('typ' in extra)) await refused(forge({ ...viewerHeader, ...extra }, viewer))
  })
})

describe('claims that are missing or not what they should be (A-06, A-07)', () => {
  test.each(['iss', 'aud', 'sub', 'jti', 'iat', 'nbf', 'exp', 'epoch', 'kind'])(
    'without %s it is refused',
    async (name) => {
      await refused(forge(goodHeader, { ...claims, [name]: undefined }))
    },
  )
  test.each([
    { exp: seconds },
    { exp: seconds - 1 },
    { exp: String(seconds + 60) },
    { exp: seconds + 60.5 },
    { exp: seconds + limits.sessionMsMax / 1_000 + 1 },
    { exp: Number.MAX_SAFE_INTEGER },
    { exp: null },
    { nbf: seconds + 1 },
    { nbf: '0' },
    { iat: -1 },
    { iat: 0.5 },
    { iat: true },
    { iss: 'there' },
    { iss: ['here'] },
    { aud: 'there' },
    { aud: ['here', 'there'] },
    { sub: '' },
    { sub: 1 },
    { kind: 'viewer' },
    { tenant: 'acme' },
    { admin: true },
  ])('with %j it is refused', async (other) => {
    await refused(forge(goodHeader, { ...claims, ...other }))
  })
  test('numbers beyond all bounds are refused', async () => {
    const text = JSON.stringify(claims)
    await refused(forge(goodHeader, text.replace(`"exp":${claims.exp}`, '"exp":1e400')))
    await refused(forge(goodHeader, text.replace(`"exp":${claims.exp}`, `"exp":${claims.exp}.0`)))
  })
  test('a token of another instance is refused, though the secret be the same', async () => {
    const there = createSignedTokens({ tokenSecret: secret, instanceId: 'there', clock: () => now })
    await refused(
      await there.sign({ kind: 'session', sub: 'ada', jti: 'j', epoch: 'e', exp: seconds + 60 }),
    )
  })
})

test('a claim given twice is refused (A-08)', async () => {
  const text = JSON.stringify(claims)
  await refused(forge(goodHeader, text.replace('{', '{"sub":"eve",')))
  await refused(forge(goodHeader, text.replace(/}$/, ',"sub":"eve"}')))
  await refused(forge(goodHeader, text.replace('{', '{"__proto__":{"sub":"eve"},')))
})

test('an empty, cut, lengthened or respelt signature is refused (A-09)', async () => {
  const token = forge(goodHeader, claims)
  const [header = '', payload = '', signature = ''] = token.split('.')
  const last = signature.at(-1) ?? ''
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const respelt = alphabet.charAt(alphabet.indexOf(last) + 1)
  expect(Buffer.from(signature.slice(0, -1) + respelt, 'base64url')).toEqual(
    Buffer.from(signature, 'base64url'),
  )
  for (const other of [
    '',
    signature.slice(0, -1),
    signature.slice(0, 20),
    `${signature}A`,
    `${signature}=`,
    signature.slice(0, -1) + respelt,
    encode('\0'.repeat(32)),
    encode('\0'.repeat(64)),
  ]) {
    await refused(`${header}.${payload}.${other}`)
  }
})

test('what is encrypted, nested or has too many or too few parts is refused (A-10)', async () => {
  const token = forge(goodHeader, claims)
  const jwe = await new CompactEncrypt(Buffer.from(token))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(key)
  await refused(jwe)
  await refused(forge({ ...goodHeader, cty: 'JWT' }, token))
  for (const other of [
    `${token}.`,
    `.${token}`,
    `${token}.a.b`,
    token.replace('.', '..'),
    '',
    '..',
  ]) {
    await refused(other)
  }
  const json = {
    protected: token.split('.')[0],
    payload: token.split('.')[1],
    signature: token.split('.')[2],
  }
  await refused(JSON.stringify(json))
  await refused(forge(goodHeader, { ...claims, sub: 'a'.repeat(limits.tokenCharsMax) }))
})

test('the key of each generation signs its own tokens; a former one is accepted until its time', async () => {
  let generations: TokenGenerations = { current: 1, former: [] }
  let time = now
  const rotated = createSignedTokens({
    ...{ tokenSecret: secret, instanceId: 'here', clock: () => time },
    readGenerations: () => generations,
  })
  const session = { kind: 'session', sub: 'ada', jti: 'j1', epoch: 'e1' } as const
  const sign = () => rotated.sign({ ...session, exp: Math.floor(time / 1_000) + 60 })
  const generationOf = async (token: string) => (await rotated.verify(token))?.generation
  const first = await sign()
  generations = followTokenGenerations(generations, { revoke: false, now: time })
  const second = await sign()
  expect([await generationOf(first), await generationOf(second)]).toEqual([1, 2])
  // A token that its lifetime would still allow, signed by whoever has the former key.
  const [former] = generations.former
  time = former?.until ?? 0
  const stamps = { iat: time / 1_000, nbf: time / 1_000, exp: time / 1_000 + 60 }
  const forged = forge(goodHeader, { ...claims, ...stamps })
  expect(await generationOf(forged)).toBeUndefined()
  expect(rotated.isAccepted(1)).toBe(false)
  time -= 1
  expect(rotated.isAccepted(1)).toBe(true)
  generations = followTokenGenerations(generations, { revoke: true, now: time })
  expect([1, 2, 3].map(rotated.isAccepted)).toEqual([false, false, true])
})

test('a token that no key signed takes no turn of the thread pool, however many keys are accepted', async () => {
  const former = Array.from({ length: 9 }, (_, at) => ({ generation: at + 1, until: now + 1 }))
  const rotated = createSignedTokens({
    ...{ tokenSecret: secret, instanceId: 'here', clock: () => now },
    readGenerations: () => ({ current: 10, former }),
  })
  const started: string[] = []
  const hook = createHook({ init: (_, type) => void started.push(type) })
  const listTurns = async (token: string) => {
    await rotated.verify(token) // Derives the keys.
    started.length = 0
    hook.enable()
    const verified = await rotated.verify(token)
    hook.disable()
    const turns = started.filter((type) => type.endsWith('REQUEST'))
    return { turns, isAccepted: verified !== undefined }
  }
  const bad = await listTurns(forge(goodHeader, claims, new Uint8Array(32)))
  expect(bad).toEqual({ turns: [], isAccepted: false })
  // The oldest of the ten.
  const good = await listTurns(forge(goodHeader, claims))
  expect(good).toEqual({ turns: ['SIGNREQUEST'], isAccepted: true })
})

test('tokens of an old secret die with it (A-11)', async () => {
  const token = await new SignJWT({ ...claims })
    .setProtectedHeader(goodHeader)
    .sign(deriveTokenKey(new Uint8Array(32)))
  await refused(token)
})
