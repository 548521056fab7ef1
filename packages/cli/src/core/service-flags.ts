import { type Command, Option } from 'commander'
import type { Environment, Shell } from './shell.ts'

/** The service's settings; each flag stands for a variable: `--seed-file` is INDELIBLE_SEED_FILE. */
const flags = [
  ['--host <address>', 'address to listen on (default 127.0.0.1)'],
  ['--port <number>', 'port to listen on (default 4680)'],
  ['--data <folder>', 'data folder (default ./indelible-data); goes over INDELIBLE_STORE'],
  ['--store <folder or URL>', 'a folder, or postgres://… (default: the data folder)'],
  ['--guard <URL>', 'another PostgreSQL database for the guard'],
  ['--seed-file <file>', '32 bytes from which signing keys are derived'],
  ['--origin <host>', 'host name that the origins of new logs begin with'],
  ['--root-key <key>', 'a key with every scope, never stored'],
  ['--admin-password <password>', 'first password of the user admin'],
  ['--metrics-key <key>', 'closes /metrics to all but this key'],
  ['--redaction-file <file>', 'rules of redaction beside the built-in ones, JSON'],
  ['--public-tiles <boolean>', 'checkpoints and hash tiles without a key: true or false'],
  ['--open-tokens <boolean>', 'access tokens without a key, on loopback alone: true or false'],
  ['--drain-seconds <number>', 'go on serving after SIGTERM (default: 0; PostgreSQL: 5)'],
  ['--audit-hours <number>', 'how often the service audits itself (default: 24; 0: never)'],
  ['--log-level <level>', 'diagnostics: fatal, error, warn, info (default), debug, silent'],
  ['--amqp <url>', 'RabbitMQ whose queue events are taken from'],
  ['--amqp-queue <name>', 'its queue (default indelible.events)'],
  ['--amqp-prefetch <number>', 'messages in hand at a time (default 256)'],
  ['--amqp-tenants <names>', 'tenants that the queue may write to (default *)'],
  ['--amqp-ca-file <file>', 'authority of the broker’s certificate, PEM'],
  ['--amqp-cert-file <file>', 'our certificate, PEM'],
  ['--amqp-key-file <file>', 'its key, PEM'],
  ['--nats <url>', 'NATS whose JetStream events are taken from'],
  ['--nats-stream <name>', 'its stream (default INDELIBLE)'],
  ['--nats-subject <subject>', 'its subject (default indelible.events)'],
  ['--nats-prefetch <number>', 'messages in hand at a time (default 256)'],
  ['--nats-tenants <names>', 'tenants that the stream may write to (default *)'],
  ['--nats-ca-file <file>', 'authority of the servers’ certificates, PEM'],
  ['--nats-cert-file <file>', 'our certificate, PEM'],
  ['--nats-key-file <file>', 'its key, PEM'],
  ['--nats-credentials-file <file>', 'credentials of a NATS user (JWT and seed)'],
] as const

/** Those that matter to work on the data beside a running service. */
const dataFlags = new Set(['data', 'store', 'guard', 'seedFile', 'origin'])

const variableOf = (attribute: string): string =>
  `INDELIBLE_${attribute.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`

/** Adds the flags of the whole service, or of its data alone. */
export function addServiceFlags(command: Command, of: 'service' | 'data'): Command {
  for (const [flag, help] of flags) {
    const attribute = new Option(flag).attributeName()
    if (of === 'data' && !dataFlags.has(attribute)) continue
    command.addOption(new Option(flag, `${help} [${variableOf(attribute)}]`))
  }
  return command
}

/**
 * The environment with the flags laid over it: what the service's `readConfig` reads. A folder named
 * by `--data` wins over a store that only the environment names: a check of a backup must not
 * look at the database instead, nor a restore write there.
 */
export function overlayFlags(shell: Shell, given: Readonly<Record<string, unknown>>): Environment {
  const overlaid: Record<string, string | undefined> = { ...shell.environment }
  for (const [flag] of flags) {
    const attribute = new Option(flag).attributeName()
    const value = given[attribute]
    if (typeof value === 'string') overlaid[variableOf(attribute)] = value
  }
  if (typeof given.data === 'string' && given.store === undefined) {
    delete overlaid.INDELIBLE_STORE
    if (given.guard === undefined) delete overlaid.INDELIBLE_GUARD
  }
  return overlaid
}
