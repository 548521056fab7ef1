import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedactor } from './redact.ts'
import { TooManySecrets } from './redaction/effort.ts'

const { redact } = createRedactor({ hashSecret: 'test' })

/** Assembled here, so that no scanner takes this file for a leak. */
const vendor = (prefix: string) => `${prefix}4eC39HqLyjWDarjtT1zdp7dcAbCdEfGhIj`
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1XzEifQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const pem = `-----BEGIN ${'RSA PRIVATE'} KEY-----\nMIIEow\n-----END ${'RSA PRIVATE'} KEY-----`
const awsSecret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'

describe('a member that holds a secret by its name is masked', () => {
  it.each([
    ['password', 'password'],
    ['passwd', 'password'],
    ['pwd', 'password'],
    ['Password', 'password'],
    ['new_password', 'password'],
    ['userPassword', 'password'],
    ['DB_PASSWORD', 'password'],
    ['password2', 'password'],
    ['passwordConfirmation', 'password'],
    ['passphrase', 'password'],
    ['password_hash', 'password'],
    ['secret', 'secret'],
    ['clientSecret', 'secret'],
    ['client_secret', 'secret'],
    ['secretAccessKey', 'secret'],
    ['AWS_SECRET_ACCESS_KEY', 'secret'],
    ['token', 'token'],
    ['sessionToken', 'token'],
    ['access_token', 'token'],
    ['refresh-token', 'token'],
    ['X-Amz-Security-Token', 'token'],
    ['x-csrf-token', 'token'],
    ['Authorization', 'authorization'],
    ['proxy-authorization', 'authorization'],
    ['X-Amz-Signature', 'authorization'],
    ['cookie', 'cookie'],
    ['Set-Cookie', 'cookie'],
    ['apiKey', 'api-key'],
    ['api_key', 'api-key'],
    ['API key', 'api-key'],
    ['x-api-key', 'api-key'],
    ['privateKey', 'private-key'],
    ['private_key_pem', 'private-key'],
    ['accessKeyId', 'access-key'],
    ['cvv', 'card'],
    ['otp', 'otp'],
    ['credentials', 'credentials'],
  ])('%s as %s', (name, rule) => {
    const marker = `[redacted:${rule}]`
    expect(redact({ a: [{ [name]: 'hunter2' }] })).toEqual({ a: [{ [name]: marker }] })
    expect(redact({ [name]: 481516 })).toEqual({ [name]: marker })
    expect(redact({ [name]: ['hunter2', 'hunter3'] })).toEqual({ [name]: [marker, marker] })
    for (const kept of [true, false, null, ''])
      expect(redact({ [name]: kept })).toEqual({ [name]: kept })
  })

  it('whatever lies below it, but for what only describes it', () => {
    expect(
      redact({
        password: { before: 'a', after: 'b' },
        cookie: { name: 'sid', value: 'c', secure: true },
      }),
    ).toEqual({
      password: { before: '[redacted:password]', after: '[redacted:password]' },
      cookie: { name: 'sid', value: '[redacted:cookie]', secure: true },
    })
  })

  it('also where a sibling tells the name', () => {
    expect(
      redact([
        { name: 'DB_PASSWORD', value: 'hunter2' },
        { key: 'Authorization', value: ['x'] },
        { field: 'password', from: 'a', to: 'b' },
        { name: 'PATH', value: '/bin' },
      ]),
    ).toEqual([
      { name: 'DB_PASSWORD', value: '[redacted:password]' },
      { key: 'Authorization', value: ['[redacted:authorization]'] },
      { field: 'password', from: '[redacted:password]', to: '[redacted:password]' },
      { name: 'PATH', value: '/bin' },
    ])
  })
})

describe('a member that only speaks of secrets is kept', () => {
  it.each([
    ['tokenCount', 12],
    ['tokenType', 'Bearer'],
    ['token_id', 'tok_1'],
    ['tokens', 512],
    ['httpTokens', 'optional'],
    ['passwordChangedAt', '2026-11-20T20:11:00Z'],
    ['passwordResetRequired', true],
    ['password_policy', 'strict'],
    ['secretName', 'db/main'],
    ['secretId', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf'],
    ['SecretARN', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf'],
    ['SecretVersionId', '83DAFE35-675A-49C6-A3CB-E80E7996AE01'],
    ['mfa_token_used', true],
    ['hasPassword', 'yes'],
    ['requires_token', 'no'],
    ['apiKeyId', 'key_17'],
    ['keyId', 'alias/aws/ssm'],
    ['publicKey', 'ssh-ed25519 AAAA'],
    ['x-amz-id-2', 'f2vaS6JPTLdKw37mgdFv5DyoXG70Bhv2oYdQdYMz5rhp297ibIqaToYq/m65r+tgjYs7KnXmTAk='],
    ['cookieConsent', 'all'],
    ['session', 's_1'],
    ['shipping', 'x'],
    ['authorizationMode', 'rbac'],
  ])('%s: %j', (name, value) => {
    const event = { data: { [name]: value } }
    expect(redact(event)).toBe(event)
  })
})

describe('a secret is known by how it looks, in any string', () => {
  it.each([
    ['paid with 4111111111111111 today', 'paid with [redacted:card] today'],
    ['4111 1111 1111 1111', '[redacted:card]'],
    ['5555-5555-5555-4444', '[redacted:card]'],
    ['3782 822463 10005', '[redacted:card]'],
    ['6011111111111117,4222222222222', '[redacted:card],[redacted:card]'],
    ['card:4111111111111111', 'card:[redacted:card]'],
    [jwt, '[redacted:jwt]'],
    [`token ${jwt}, ok`, 'token [redacted:jwt], ok'],
    [`session.${jwt}`, 'session.[redacted:jwt]'],
    [`surveyJob.${jwt}`, 'surveyJob.[redacted:jwt]'],
    [jwt.slice(0, jwt.lastIndexOf('.')), '[redacted:jwt]'],
    ['user AKIAIOSFODNN7EXAMPLE', 'user [redacted:access-key]'],
    ['ASIAIOSFODNN7EXAMPLE', '[redacted:access-key]'],
    [`AKIAIOSFODNN7EXAMPLE ${awsSecret}`, '[redacted:access-key] [redacted:access-key]'],
    [`x IQoJb3JpZ2luX2VjE${'a1B2'.repeat(40)}== y`, 'x [redacted:token] y'],
    [`key: ${pem} end`, 'key: [redacted:private-key] end'],
    [pem.slice(0, 40), '[redacted:private-key]'],
    ['Bearer abcdef0123456789', 'Bearer [redacted:authorization]'],
    ['bearer abc.def', 'bearer [redacted:authorization]'],
    ['Basic dXNlcjpwYXNz', 'Basic [redacted:authorization]'],
    ['Authorization: Token abc', 'Authorization: [redacted:authorization]'],
    ['Cookie: sid=31d4d96e407aad42; a=b', 'Cookie: [redacted:cookie]'],
    ['postgres://app:p@ss@db:5432/main', 'postgres://app:[redacted:password]@db:5432/main'],
    ['redis://:hunter2@cache', 'redis://:[redacted:password]@cache'],
    [vendor('ghp_'), '[redacted:vendor-key]'],
    [vendor('sk_live_'), '[redacted:vendor-key]'],
    [vendor('xoxb-'), '[redacted:vendor-key]'],
    [vendor('ind_'), '[redacted:vendor-key]'],
    ['/reset?user=u_1&token=abc123&x=1', '/reset?user=u_1&token=[redacted:token]&x=1'],
    ['curl --password hunter2 host', 'curl --password [redacted:password] host'],
    ['PGPASSWORD=hunter2 psql', 'PGPASSWORD=[redacted:password] psql'],
    [
      '{"user":"u","password":"a\\"b","n":1}',
      '{"user":"u","password":"[redacted:password]","n":1}',
    ],
    ['"{\\"secret\\":\\"abc\\"}"', '"{\\"secret\\":\\"[redacted:secret]\\"}"'],
    ['kind: X\n  password: hunter2\nname: y', 'kind: X\n  password: [redacted:password]\nname: y'],
  ])('%j', (text, kept) => {
    expect(redact({ data: { note: [text] } })).toEqual({ data: { note: [kept] } })
  })

  it.each([
    '4111111111111112',
    '1234567890123456',
    'a4111111111111111',
    '41111111111111110',
    'order-4111111111111111',
    '4111111111111111-a',
    'arn:aws:x:us-east-1:4111111111111111:y/4111111111111111',
    '41111111-1111-4111-8111-111111111111',
    '0.4111111111111111',
    '+4111111111111111',
    '2026-11-20T20:11:00.123Z',
    '0193a005-5c1b-7abc-9def-0123456789ab',
    '1795205460123456',
    'Basic authentication was used',
    'Basic plan',
    'Bearer authentication failed',
    'the password: must be changed at once',
    'password=',
    'token=true',
    'https://example.com:8080/a@b',
    'eyJ',
    'eyebrow.shape.x',
    'sk-short',
    '/hotels/sk-bratislava-old-town-by-the-river',
    'surveyJob.run.done',
    'com.example.journeyJoin.step.v2',
    'eyJ.tar.gz',
    'ind_1',
    'AIDATFQR7NSC5U6Q3TMDR',
    awsSecret,
    'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0',
  ])('%j is none', (text) => {
    expect(redact(text)).toBe(text)
  })

  it('also as a number, and as a member’s name', () => {
    expect(redact({ n: 4111111111111111, m: 4111111111111112 })).toEqual({
      n: '[redacted:card]',
      m: 4111111111111112,
    })
    expect(redact({ AKIAIOSFODNN7EXAMPLE: 1, ASIAIOSFODNN7EXAMPLE: 2 })).toEqual({
      '[redacted:access-key]': 1,
      '[redacted:access-key] (2)': 2,
    })
  })

  it('as many names that differ only in their secrets, at no more than linear cost', () => {
    const names = Array.from({ length: 1_000 }, (_, at) => [`pwd=${at}`, at] as const)
    const objects = Array.from({ length: 300 }, () => Object.fromEntries(names))
    const [first, ...others] = redact(objects)
    expect(Object.keys(first ?? {}).slice(0, 3)).toEqual([
      'pwd=[redacted:password]',
      'pwd=[redacted:password] (2)',
      'pwd=[redacted:password] (3)',
    ])
    expect(Object.values(first ?? {})).toEqual(names.map(([, at]) => at))
    expect(others.length).toBe(299)
  })
})

describe('redaction', () => {
  const piece = fc.constantFrom(
    ...[jwt, '4111111111111111', 'password=x1', '"password":"', '"', '\\"', 'Bearer abc.def', "'"],
    ...['://u:p@h', '://', '@', ':', ': ', '=', '&', '\n', ' ', '--token ', 'AKIAIOSFODNN7EXAMPLE'],
    ...[
      'Authorization: ',
      'cookie: a=b',
      '[redacted:x]',
      'password',
      'token',
      'a',
      '.',
      '-',
      '[',
      ']',
    ],
    ...[awsSecret, pem, vendor('ghp_'), 'Basic dXNlcjpwYXNz'],
  )
  const secretish = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
  )
  const key = fc.oneof(secretish, fc.constantFrom('password', 'token', 'tokens', 'value', 'name'))
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      secretish,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))

  it('changes nothing more when it is done again', () => {
    fc.assert(
      fc.property(value, (any) => {
        const once = redact(any)
        expect(redact(once)).toEqual(once)
      }),
    )
  })

  it('never changes what it was given', () => {
    fc.assert(
      fc.property(value, (any) => {
        const before = structuredClone(any)
        redact(any)
        expect(any).toEqual(before)
      }),
    )
  })

  it('keeps the order of members and items, and shares what stayed the same', () => {
    const event = { z: { deep: [1] }, password: 'x', a: [{ token: 't' }, 2] }
    const kept = redact(event)
    expect(JSON.stringify(kept)).toBe(
      '{"z":{"deep":[1]},"password":"[redacted:password]","a":[{"token":"[redacted:token]"},2]}',
    )
    expect(kept.z).toBe(event.z)
  })

  it.each<[string, (n: number) => unknown]>([
    ['secrets in a text', () => ['pwd=x&'.repeat(100)]],
    ['what looks like a secret in a text', () => ['eyJ.a '.repeat(100)]],
    ['addresses with a password', () => ['://a:b@'.repeat(100)]],
    ['short texts with a secret', () => Array.from({ length: 100 }, () => 'pwd=x')],
    ['short texts that may hold one', () => Array.from({ length: 100 }, () => 'a=b')],
    ['new names', (n) => Array.from({ length: 100 }, (_, k) => ({ [`n${n}-${k}`]: 1 }))],
    [
      'new names in a text',
      (n) => [Array.from({ length: 100 }, (_, k) => `n${n}-${k}=1`).join(' ')],
    ],
    ['members of secret names', () => Array.from({ length: 100 }, () => ({ pwd: 'x' }))],
    ['items of a secret member', () => ({ pwd: Array.from({ length: 100 }, () => 'x') })],
    ['card numbers', () => Array.from({ length: 100 }, () => 4_111_111_111_111_111)],
  ])('stops at what it may cost: %s', (_, make) => {
    const { redact } = createRedactor({ hashSecret: 'test' })
    const budget = { steps: 2_000 }
    redact(make(0), budget)
    expect(budget.steps).toBeLessThanOrEqual(1_900)
    expect(() => {
      for (let n = 1; n < 21; n++) redact(make(n), budget)
    }).toThrow(TooManySecrets)
    expect(budget.steps).toBe(0)
    expect(redact('pwd=x')).toBe('pwd=[redacted:password]')
  })

  it('ends, of texts made to be slow: anything but linear would outlast the time-out (I-15)', () => {
    const size = 1024 * 1024
    for (const piece of [
      'eyJ',
      'eyJ-a.',
      'A',
      '1 ',
      '4-',
      'a=',
      '--a ',
      '"a":"',
      '://:',
      'Bearer ',
      '"a" : ',
    ]) {
      const text = piece.repeat(Math.ceil(size / piece.length))
      expect(redact(redact(text))).toBe(redact(text))
    }
  })
})
