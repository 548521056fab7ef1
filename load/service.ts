import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestSeed, spawnServer, startPostgres, testRootKey } from '@indelible/testkit'
import { exitCodes } from '../packages/cli/src/core/exit-codes.ts'
import { Failure } from '../packages/cli/src/core/failure.ts'
import { type AuditVerdict, auditByCommand, auditByService } from './audit.ts'
import type { LoadOptions } from './options.ts'

/** What the load goes to. */
export interface Service extends AsyncDisposable {
  readonly url: string
  readonly key: string
  /** For people. */
  readonly name: string
  readonly metricsKey: string | undefined
  audit(): Promise<AuditVerdict>
}

type Environment = Readonly<Record<string, string | undefined>>

/** @throws {Failure} usage or out of reach, before a single event was sent */
export async function openService(
  options: LoadOptions,
  environment: Environment,
): Promise<Service> {
  const service =
    options.url === undefined
      ? await startOwn(options, environment)
      : openGiven(options.url, options.key, environment)
  try {
    await assertAnswers(service)
  } catch (error) {
    await service[Symbol.asyncDispose]()
    throw error
  }
  return service
}

function openGiven(given: string, key: string | undefined, environment: Environment): Service {
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new Failure(exitCodes.usage, `--url must be an http or https address, not "${given}".`)
  }
  if (key === undefined) {
    throw new Failure(exitCodes.usage, 'Give the service’s key: --key, or INDELIBLE_KEY.')
  }
  const url = given.replace(/\/+$/, '')
  return {
    ...{ url, key, name: url, metricsKey: environment.INDELIBLE_METRICS_KEY },
    audit: () => auditByService({ url, key }),
    async [Symbol.asyncDispose]() {},
  }
}

async function startOwn({ store, data }: LoadOptions, environment: Environment): Promise<Service> {
  await using stack = new AsyncDisposableStack()
  const folder = data ?? mkdtempSync(join(tmpdir(), 'indelible-load-'))
  if (data === undefined) stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  else assertEmpty(data)
  const where = store === 'postgres' ? await startDatabase(stack, folder) : undefined
  const server = await spawnServer({
    folder,
    environment: { ...thrift(environment), ...where },
    nodeFlags: process.execArgv,
    // Ctrl-C ends the run, which then still has questions to the service.
    isDetached: true,
  })
  stack.use(server)
  const place = where === undefined ? ['--data', folder] : ['--store', where.INDELIBLE_STORE]
  const seed = where === undefined ? [] : ['--seed-file', where.INDELIBLE_SEED_FILE]
  const owned = stack.move()
  return {
    ...{ url: server.url, key: testRootKey, metricsKey: undefined },
    name: `its own, ${store}, ${folder}`,
    audit: () => auditByCommand([...place, ...seed]),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function startDatabase(stack: AsyncDisposableStack, folder: string) {
  // Not below the folder: the database may run as somebody who can't enter that.
  const home = mkdtempSync(join(tmpdir(), 'indelible-load-postgres-'))
  stack.defer(() => rmSync(home, { recursive: true, force: true }))
  const postgres = stack.use(await startPostgres({ folder: home }))
  return {
    INDELIBLE_STORE: await postgres.createDatabase(),
    INDELIBLE_SEED_FILE: createTestSeed(folder),
    INDELIBLE_DRAIN_SECONDS: '0',
  }
}

/** What `npm start` asks of glibc: memory is looked at, so it must be the service as people run it. */
const thrift = (environment: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      name.startsWith('MALLOC_') && value !== undefined ? [[name, value]] : [],
    ),
  )

function assertEmpty(folder: string): void {
  if (!existsSync(folder)) return
  const names = readdirSync(folder, { withFileTypes: true }).map(({ name }) => name)
  if (names.length === 0) return
  throw new Failure(
    exitCodes.usage,
    `--data ${folder} is not empty: events stay in a log for good.`,
  )
}

async function assertAnswers({ url, key }: Service): Promise<void> {
  const response = await fetch(`${url}/v1/logs`, {
    headers: { authorization: `Bearer ${key}` },
    redirect: 'manual',
  }).catch((error: Error) => {
    const { message } = error.cause instanceof Error ? error.cause : error
    throw new Failure(exitCodes.unreachable, `Nothing answers at ${url}: ${message}.`)
  })
  await response.body?.cancel()
  if (response.ok) return
  const isUsage = response.status < 500 && response.status !== 429
  const text = `${url}/v1/logs is answered with ${response.status}${isUsage ? ': is the key right?' : '.'}`
  throw new Failure(isUsage ? exitCodes.usage : exitCodes.unreachable, text)
}
