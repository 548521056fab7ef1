import { readFileSync } from 'node:fs'
import { everyTenant, limits } from '@indelible/protocol'
import type { QueueSettings } from '../intake/queues/start.ts'

interface Reading {
  /** A variable's trimmed value; undefined where it is not set. */
  readonly read: (name: string) => string | undefined
  readonly check: (name: string, isFine: boolean, expectation: string) => void
}

const tenantPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/
const namePattern = /^[A-Za-z0-9._:-]{1,200}$/
const streamPattern = /^[A-Za-z0-9_-]{1,100}$/
/** No wildcards: events come by one subject, and dead letters go to one beside it. */
const subjectPattern = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/

/** The queues to consume; the settings of a broker are read only where its address is given. */
export function readQueueConfig(reading: Reading): QueueSettings[] {
  const amqp = readBroker('INDELIBLE_AMQP', /^amqps?:$/, 'amqp://user:password@host:5672', reading)
  const nats = readBroker('INDELIBLE_NATS', /^(nats|tls):$/, 'nats://host:4222', reading)
  return [
    ...(amqp === undefined ? [] : [readAmqp(amqp, reading)]),
    ...(nats === undefined ? [] : [readNats(nats, reading)]),
  ]
}

type Broker = NonNullable<ReturnType<typeof readBroker>>

/** Addresses, bounds and files of one broker; undefined where there is none. */
function readBroker(name: string, protocol: RegExp, example: string, { read, check }: Reading) {
  const urls = read(name)?.split(/[\s,]+/)
  if (urls === undefined) return undefined
  check(
    name,
    urls.every((url) => protocol.test(URL.parse(url)?.protocol ?? '')),
    `${example}, several of one cluster with commas between`,
  )
  const prefetch = Number(read(`${name}_PREFETCH`) ?? limits.queuePrefetchDefault)
  check(
    `${name}_PREFETCH`,
    Number.isInteger(prefetch) && prefetch >= 1 && prefetch <= limits.queuePrefetchMax,
    `a number of messages, 1 to ${limits.queuePrefetchMax}`,
  )
  const tenants = (read(`${name}_TENANTS`) ?? everyTenant).split(/[\s,]+/)
  check(
    `${name}_TENANTS`,
    tenants.every((tenant) => tenant === everyTenant || tenantPattern.test(tenant)),
    'names of tenants with commas between, none beginning with _; or *',
  )
  const file = (suffix: string): string | undefined => {
    const path = read(`${name}_${suffix}`)
    if (path === undefined) return undefined
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      check(`${name}_${suffix}`, false, error instanceof Error ? error.message : 'unreadable')
      return undefined
    }
  }
  const [ca, cert, key] = [file('CA_FILE'), file('CERT_FILE'), file('KEY_FILE')]
  // Who names certificates means to be encrypted; NATS is, by nats:// as well.
  check(
    `${name}_CA_FILE`,
    (ca ?? cert) === undefined || urls.every((url) => URL.parse(url)?.protocol !== 'amqp:'),
    'and certificates of our own, only with amqps://; nothing would be encrypted',
  )
  check(
    `${name}_KEY_FILE`,
    (cert === undefined) === (key === undefined),
    `together with ${name}_CERT_FILE`,
  )
  const tls = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  }
  return { urls, prefetch, tenants, tls, file }
}

function readAmqp(
  { urls, prefetch, tenants, tls }: Broker,
  { read, check }: Reading,
): QueueSettings {
  const queue = read('INDELIBLE_AMQP_QUEUE') ?? 'indelible.events'
  check(
    'INDELIBLE_AMQP_QUEUE',
    namePattern.test(queue) && !queue.startsWith('amq.'),
    'a name of letters, digits and ._:-, not beginning with "amq."',
  )
  return { broker: { amqp: { urls, tls, queue } }, prefetch, tenants }
}

function readNats(
  { urls, prefetch, tenants, tls, file }: Broker,
  { read, check }: Reading,
): QueueSettings {
  const stream = read('INDELIBLE_NATS_STREAM') ?? 'INDELIBLE'
  check('INDELIBLE_NATS_STREAM', streamPattern.test(stream), 'a name of letters, digits and _-')
  const subject = read('INDELIBLE_NATS_SUBJECT') ?? 'indelible.events'
  check('INDELIBLE_NATS_SUBJECT', subjectPattern.test(subject), 'a subject without wildcards')
  const credentials = file('CREDENTIALS_FILE')
  const nats = {
    ...{ urls, tls, stream, subject },
    ...(credentials === undefined ? {} : { credentials }),
  }
  return { broker: { nats }, prefetch, tenants }
}
