import { existsSync } from 'node:fs'
import { readConfig } from './config.ts'
import { keepApiKey } from './keep-api-key.ts'
import { createLogger } from './monitoring/logger.ts'
import { createReporter } from './monitoring/reporter.ts'
import { startApplication } from './start-application.ts'

/** Environment → settings → application → wait for a signal → close. */
if (existsSync('.env')) process.loadEnvFile('.env')

const reportTimeoutMs = 3_000

async function run(): Promise<void> {
  const config = readConfig(process.env)
  const logger = createLogger(config.logLevel)
  const { sentryDsn: dsn, sentryEnvironment: environment } = config
  const { captureException, close } = createReporter({ dsn, environment })
  // What nobody caught leaves the process in a state that nobody knows: tell of it, and end.
  process.once('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'The process ends.')
    captureException(error)
    void close(reportTimeoutMs).finally(() => process.exit(1))
  })

  const own = config.operators === undefined ? keepApiKey(config.dataFolder) : undefined
  const operators = config.operators ?? [{ name: 'admin', key: own?.key ?? '' }]
  {
    await using application = await startApplication({
      config,
      operators,
      logger,
      captureException,
    })
    introduce(application.url, own)
    await new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
    })
    logger.info('Closing.')
  }
  await close(reportTimeoutMs)
}

/** For the person at the terminal. A key that was given to us is not repeated. */
function introduce(url: string, own: { readonly key: string; readonly path: string } | undefined) {
  const key = own === undefined ? 'KEY=<one of API_KEYS>' : `KEY=$(cat '${own.path}')`
  const curl = `curl -s -w '\\n' -H "Authorization: Bearer $KEY" ${url}`
  const zoe = `-H 'Content-Type: application/json' -d '{"name":"Zoë","email":"zoe@example.com"}'`
  console.log(`
User profiles are at ${url}. Try:

  ${key}
  ${curl}/users ${zoe}
  ${curl}/users
  ${curl}/audit
`)
}

try {
  await run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
