import { randomBytes, randomFillSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyRequest, InjectOptions } from 'fastify'
import { pino } from 'pino'
import { createAdministration } from '../../admin/administration.ts'
import { createUuidV7 } from '../../base/ids.ts'
import { createPreview } from '../../intake/preview.ts'
import { createRulebook } from '../../intake/rulebook.ts'
import { findEventFaults, findSchemaFaults } from '../../intake/schemas/action-schema.ts'
import type { AppendRequest } from '../../ledger/append-request.ts'
import { createKeyring } from '../../ledger/keyring.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { createSequencer } from '../../ledger/sequencer.ts'
import { parseQuery } from '../../query/grammar.ts'
import { headColumns, type LogRow, toHead } from '../../store/rows.ts'
import { createAppendStore } from '../../store/sqlite/append-store.ts'
import { openDatabase } from '../../store/sqlite/open.ts'
import { createAdminStore } from '../../store/sqlite/prove-store.ts'
import { migrateLog } from '../../store/sqlite/schema.ts'
import { registerAccessRoutes } from '../access-routes.ts'
import { createApp } from '../app.ts'
import { createAuthenticator, principalOf } from '../authenticate.ts'

export const rootKey = 'root key of the tests, 32 chars'
export const tokenSecret = new Uint8Array(32).fill(7)
export const instanceId = 'instance-under-test'

export type AccessUnderTest = Awaited<ReturnType<typeof startAccess>>

/** What `_system` says, as far as these tests look at it. */
export interface SystemRecord {
  readonly action: string
  readonly outcome: string
  readonly actor: { readonly type: string; readonly id: string }
  readonly targets: readonly { readonly type: string; readonly id: string }[]
  readonly context: Readonly<Record<string, unknown>>
  readonly data: Readonly<Record<string, unknown>>
}

/** Administration over a real ledger on SQLite in `folder`, with a clock that the test turns. */
export async function startAccess(options?: {
  readonly folder?: string
  readonly rootKey?: string | undefined
}) {
  const folder = options?.folder ?? mkdtempSync(join(tmpdir(), 'indelible-access-'))
  const database = openDatabase({
    path: join(folder, 'log.db'),
    synchronous: 'FULL',
    cacheKib: 1_024,
  })
  migrateLog(database)
  const time = { now: Date.UTC(2026, 10, 20, 12) }
  const clock = () => time.now
  const store = {
    append: createAppendStore({ database }),
    admin: createAdminStore({ log: database }),
  }
  const failing = { ledger: false }
  const ledger = createDirectLedger({ store: store.append, clock, failing })
  const listLogs = async () =>
    // The columns of LogRow.
    (database.prepare(`SELECT ${headColumns} FROM log`).all() as unknown as LogRow[]).map(toHead)
  const rulebook = createRulebook({ hashSecret: 'of the tests' })
  const administration = await createAdministration({
    store: store.admin,
    ledger,
    clock,
    randomBytes,
    keyring,
    tokenSecret,
    instanceId,
    checkQuery: (query) => void parseQuery(query, clock()),
    findSchemaFaults,
    findEventFaults,
    listLogs,
    redactionChecks: rulebook,
    reportFault: (error) => {
      throw error
    },
    ...(options?.rootKey === undefined ? {} : { rootKey: options.rootKey }),
  })
  const authenticator = createAuthenticator({ ...administration, clock })
  const app = createApp({ logger: pino({ level: 'silent' }) })
  registerAccessRoutes(app, {
    ...administration,
    authenticator,
    redact: (value) => value,
    previewEvent: createPreview({ clock, createId: createUuidV7, rulebook }),
  })
  const seen: FastifyRequest[] = []
  app.get('/whoami', { onRequest: authenticator.hook }, async (request) => {
    seen.push(request)
    return principalOf(request)
  })
  await app.ready()

  return {
    app,
    administration,
    authenticator,
    folder,
    time,
    /** While true, the ledger refuses everything. */
    failing,
    /** One request; `as` is what follows `Bearer`. The body, if any, is sent as JSON. */
    async ask(
      method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
      url: string,
      asked: { readonly as?: string; readonly body?: unknown } & Pick<
        InjectOptions,
        'headers' | 'remoteAddress'
      > = {},
    ) {
      const { as, body, ...rest } = asked
      const answer = await app.inject({
        method,
        url,
        ...rest,
        headers: {
          ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
          ...rest.headers,
        },
        ...(body === undefined ? {} : { payload: body as object }), // JSON, or text as it is
      })
      const isJson = String(answer.headers['content-type']).includes('json')
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: isJson ? answer.json() : {},
      }
    },
    /** What `_system` holds of an action, oldest first. */
    records: (action: string): SystemRecord[] =>
      database
        .prepare('SELECT core, actor, targets, context, data FROM entry ORDER BY seq')
        .all()
        .map((row) => ({
          ...JSON.parse(String(row.core)),
          ...Object.fromEntries(
            ['actor', 'targets', 'context', 'data'].map((part) => [
              part,
              JSON.parse(String(row[part] ?? '{}')),
            ]),
          ),
        }))
        .filter((record) => record.action === action),
    /** Every byte the store holds, for looking for what must not be there. */
    dump: () =>
      JSON.stringify([
        database.prepare('SELECT * FROM admin').all(),
        database.prepare('SELECT core, actor, targets, context, data FROM entry').all(),
      ]),
    /** Stops it; the folder stays for a restart unless `remove`. */
    async stop(remove = true) {
      await app.close()
      await administration[Symbol.asyncDispose]()
      database.close()
      if (remove) rmSync(folder, { recursive: true })
    },
  }
}

const keyring = createKeyring({ seed: new Uint8Array(32), originHost: 'test.invalid' })

/** The sequencer without its thread: one request, one transaction, in the order they come. */
function createDirectLedger(options: {
  readonly store: ReturnType<typeof createAppendStore>
  readonly clock: () => number
  readonly failing: { ledger: boolean }
}): Pick<Ledger, 'administer' | 'createLog' | 'rotateKey' | 'touch'> {
  const { store, clock, failing } = options
  const sequencer = createSequencer({
    store,
    keyring,
    clock,
    fillRandom: (buffer) => void randomFillSync(buffer),
  })
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(() => {
      if (failing.ledger) throw new Error('the disk is gone')
      return work()
    })
    last = mine.catch(() => undefined)
    return mine
  }
  const append = (request: AppendRequest) =>
    inTurn(async () => {
      const { outcomes } = await sequencer.append([request])
      for (const outcome of outcomes) if ('refusal' in outcome) throw outcome.refusal
    })
  return {
    administer: (changes, record) => append({ events: [record], changes }),
    createLog: (tenant, changes, record) =>
      append({ events: [record], changes, createLog: tenant }),
    rotateKey: (rotateKey, record) => append({ events: [record], rotateKey }),
    touch: (changes) =>
      inTurn(() =>
        store.transact(async (transaction) => {
          for (const change of changes) {
            if (await transaction.hasAdmin(change.kind, change.id)) {
              await transaction.changeAdmin(change)
            }
          }
        }),
      ),
  }
}
