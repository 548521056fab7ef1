import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createClient, describeChange } from '@indelible/client'
import { createOutbox } from '@indelible/client/sqlite'
import { createTemporaryFolder, startTestServer, testRootKey } from '@indelible/testkit'
import { expect, test } from 'vitest'

const names =
  `password passwords passwd pwd passphrase newPassword DB_PASSWORD password2 passwordConfirmation
  password_hash passwordDigest secret clientSecret secretKey AWS_SECRET_ACCESS_KEY apiSecret mnemonic
  securityAnswer secrets token access_token X-Amz-Security-Token tokenValue jwt codeVerifier tokens
  Authorization proxy-authorization bearer cookie Set-Cookie cookies apiKey x-api-key apiKeys authKey
  licenseKey accountKey privateKey private_key_pem encryptionKey signingKey masterKey sharedKey
  sessionKey hmacKey keyMaterial accessKey accessKeyId credential credentials cvv cvc2 pan cardNumber
  otp totp pin pinCode mfaCode recoveryCodes
  passwordChangedAt tokenCount hasPassword is_secret secretName apiKeyId pinned company keys monkey
  name id value status`
    .split(/\s+/)
    .flatMap((name) => [name, `${name}1`, `user_${name}`])
const values = [
  'x',
  'x'.repeat(20),
  7,
  true,
  null,
  '',
  ['x', 3],
  { name: 'n', inner: 'x', id: 'i' },
]
const state = Object.fromEntries(
  values.map((value, at) => [`v${at}`, Object.fromEntries(names.map((name) => [name, value]))]),
)

test('what the client masks by name is what the service would mask, and neither tells it in a patch', async () => {
  await using server = await startTestServer()
  await server.post('/v1/events', {
    action: 'a',
    actor: { id: 'u' },
    id: 'e',
    changes: { before: null, after: state },
  })
  const { json } = await server.ask('/v1/events/e')
  const { changes, data } = describeChange({ action: 'a', after: state })
  expect(changes?.after).toEqual(json.event.changes.after)
  expect(data?.patch).toEqual([{ op: 'add', path: '', value: json.event.changes.after }])
  const patch = names.map((name) => ({ op: 'replace', path: `/v0/${name}`, value: 'x' }))
  await server.post('/v1/events', { action: 'a', actor: { id: 'u' }, id: 'p', data: { patch } })
  const kept = (await server.ask('/v1/events/p')).json.event.data.patch
  expect(kept.map(({ value }: { value: unknown }) => value)).toEqual(
    names.map((name) => json.event.changes.after.v0[name]),
  )
})

test('a changed password is in no row, and the log shows that it changed', async () => {
  await using server = await startTestServer()
  using folder = createTemporaryFolder()
  await using audit = createClient({ url: server.url, key: testRootKey })
  const outbox = createOutbox({ audit })
  const database = new DatabaseSync(join(folder.path, 'app.db'))
  outbox.migrate(database)
  database.exec('BEGIN')
  const { id } = outbox.change(database, {
    action: 'user.updated',
    actor: { id: 'u_1' },
    before: { password: 'hunter1' },
    after: { password: 'hunter2' },
  })
  database.exec('COMMIT')
  const [row] = database.prepare('SELECT event FROM indelible_outbox').all()
  expect(row?.event).not.toContain('hunter')
  await using relay = outbox.relay({ db: database })
  await relay.flush()
  const { json } = await server.ask(`/v1/events/${id}`)
  expect(json.event.changes.before).toEqual(json.event.changes.after)
  expect(json.event.data.patch).toEqual([
    { op: 'replace', path: '/password', value: '[redacted:password]' },
  ])
})
