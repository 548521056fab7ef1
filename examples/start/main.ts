import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { startApplication } from './application.ts'
import { findIndelible } from './indelible.ts'
import { findPostgres } from './postgres.ts'

/**
 * Starts an example and what it needs but was not given: Indelible, unless INDELIBLE_URL and
 * INDELIBLE_KEY name one; PostgreSQL, unless DATABASE_URL does. `npm start -w examples/items-api`.
 */
const examples: Readonly<Record<string, { readonly needsPostgres: boolean }>> = {
  'items-api': { needsPostgres: false },
  'user-profiles': { needsPostgres: true },
}

const name = process.argv[2] ?? ''
const example = examples[name]
if (example === undefined) {
  console.error(`Which example? One of: ${Object.keys(examples).join(', ')}`)
  process.exit(2)
}

// A terminal that closes, a supervisor, Ctrl-C, or the launcher's end: all ask for the same, once.
const { promise: stopped, resolve: stop } = Promise.withResolvers<number>()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0))
process.on('disconnect', () => stop(0))
process.channel?.unref()

const folder = join(import.meta.dirname, '..', name)
const envFile = join(folder, '.env')
if (existsSync(envFile)) process.loadEnvFile(envFile)
const dataFolder = resolve(process.env.DATA_FOLDER ?? join(folder, 'indelible-data'))
// Others may pass through, and list nothing: as root, PostgreSQL runs as somebody else.
mkdirSync(dataFolder, { recursive: true, mode: 0o711 })

async function run(needsPostgres: boolean): Promise<number> {
  // Ended in reverse: the application first, while it still has somewhere to deliver to.
  await using cleanup = new AsyncDisposableStack()
  const indelible = cleanup.use(await findIndelible({ name, dataFolder, say: console.log }))
  const postgres = needsPostgres
    ? cleanup.use(await findPostgres({ dataFolder, say: console.log }))
    : undefined
  const application = cleanup.use(
    startApplication({
      folder,
      environment: {
        DATA_FOLDER: dataFolder,
        INDELIBLE_URL: indelible.url,
        INDELIBLE_KEY: indelible.key,
        ...(postgres === undefined ? {} : { DATABASE_URL: postgres.url }),
      },
    }),
  )
  return await Promise.race([stopped, application.ended])
}

try {
  process.exitCode = await run(example.needsPostgres)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
