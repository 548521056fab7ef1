import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '@indelible/client'
import { createAccounts } from './accounts/accounts.ts'
import { createPasswords } from './accounts/passwords.ts'
import { createTokens } from './accounts/tokens.ts'
import { describeStart } from './announce.ts'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'
import { keepSecret } from './secret.ts'
import { openStore } from './store/open-store.ts'

/** Environment → application → wait for a signal → close. */
async function run(): Promise<void> {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop())

  const config = readConfig(process.env)
  const { dataFolder, admin } = config
  // Hashes, a secret, and what the audit log is yet to be told are for nobody else on this machine.
  process.umask(0o077)
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  using store = openStore(join(dataFolder, 'items.db'))
  // Closed last but for the store: what the last requests recorded is still delivered.
  await using audit = createClient({
    ...config.indelible,
    source: 'items-api',
    // `record` returns once the event is in this file: neither a crash nor an outage loses it.
    spool: join(dataFolder, 'audit.spool'),
    // An admin who searches would rather be told than wait.
    appendTimeoutMs: 5_000,
    // We listen for the signal ourselves.
    drainOnSigterm: false,
    onRejected: ({ error }) => console.error(`An event was refused: ${error.message}`),
  })
  const clock = Date.now
  const { users } = store
  const accounts = createAccounts({ users, passwords: await createPasswords(), clock })
  const { jwtSecret } = config
  const secret =
    jwtSecret === undefined ? keepSecret(join(dataFolder, 'jwt.secret')) : Buffer.from(jwtSecret)
  const tokens = createTokens({ secret, clock })
  await using app = await createApp({ ...config, audit, store, accounts, tokens, clock })

  const made = await accounts.ensureAdmin(admin)
  const adminPassword = admin.password === undefined ? made?.password : undefined
  // Before anything else can fail: it is written nowhere else.
  if (adminPassword !== undefined) {
    console.log(`First admin ${admin.username}, password ${adminPassword} (shown once)`)
  }
  if (made !== undefined) {
    audit.record({
      action: 'users.create',
      actor: { type: 'system', id: 'items-api' },
      targets: [{ type: 'users', id: made.username }],
      data: { role: 'admin' },
    })
  }
  const url = await app.listen({ host: config.host, port: config.port })
  for (const line of describeStart({ url, admin: admin.username, adminPassword })) console.log(line)
  await stopped
  await app.close()
  const { undelivered, spool } = await audit.close()
  if (undelivered > 0) console.log(`${undelivered} events wait in ${spool} for the next start.`)
}

try {
  await run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
