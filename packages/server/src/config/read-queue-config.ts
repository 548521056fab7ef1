import { everyTenant, limits } from '@indelible/protocol'
import { isTenantName } from '../base/tenant-name.ts'
import type { QueueSettings } from '../intake/queues/start.ts'
import type { SettingReader } from './setting-reader.ts'

type BrokerName = 'INDELIBLE_AMQP' | 'INDELIBLE_NATS'

const namePattern = /^[A-Za-z0-9._:-]{1,200}$/
const streamPattern = /^[A-Za-z0-9_-]{1,100}$/
/** No wildcards: events come by one subject, and dead letters go to one beside it. */
const subjectPattern = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/

/** The queues to consume; the settings of a broker are read only where its address is given. */
export function readQueueConfig(reader: SettingReader): QueueSettings[] {
  const amqp = readBroker('INDELIBLE_AMQP', /^amqps?:$/, 'amqp://user:password@host:5672', reader)
  const nats = readBroker('INDELIBLE_NATS', /^(nats|tls):$/, 'nats://host:4222', reader)
  return [
    ...(amqp === undefined ? [] : [readAmqp(amqp, reader)]),
    ...(nats === undefined ? [] : [readNats(nats, reader)]),
  ]
}

type Broker = NonNullable<ReturnType<typeof readBroker>>

/** Addresses, bounds and files of one broker; undefined where there is none. */
function readBroker(
  name: BrokerName,
  protocol: RegExp,
  example: string,
  { text, number, contents, check }: SettingReader,
) {
  const urls = text(name)?.split(/[\s,]+/)
  if (urls === undefined) return undefined
  check(
    name,
    urls.every((url) => protocol.test(URL.parse(url)?.protocol ?? '')),
    `${example}, several of one cluster with commas between`,
  )
  const prefetch = number(`${name}_PREFETCH`, {
    usual: limits.queuePrefetchDefault,
    min: 1,
    max: limits.queuePrefetchMax,
    unit: 'a number of messages',
    isWhole: true,
  })
  const tenants = (text(`${name}_TENANTS`) ?? everyTenant).split(/[\s,]+/)
  check(
    `${name}_TENANTS`,
    tenants.every((one) => one === everyTenant || (isTenantName(one) && !one.startsWith('_'))),
    'names of tenants with commas between, none beginning with _; or *',
  )
  const [ca, cert, key] = [
    contents(`${name}_CA_FILE`),
    contents(`${name}_CERT_FILE`),
    contents(`${name}_KEY_FILE`),
  ]
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
  return { urls, prefetch, tenants, tls }
}

function readAmqp(
  { urls, prefetch, tenants, tls }: Broker,
  { text, check }: SettingReader,
): QueueSettings {
  const queue = text('INDELIBLE_AMQP_QUEUE') ?? 'indelible.events'
  check(
    'INDELIBLE_AMQP_QUEUE',
    namePattern.test(queue) && !queue.startsWith('amq.'),
    'a name of letters, digits and ._:-, not beginning with "amq."',
  )
  return { broker: { amqp: { urls, tls, queue } }, prefetch, tenants }
}

function readNats(
  { urls, prefetch, tenants, tls }: Broker,
  { text, contents, check }: SettingReader,
): QueueSettings {
  const stream = text('INDELIBLE_NATS_STREAM') ?? 'INDELIBLE'
  check('INDELIBLE_NATS_STREAM', streamPattern.test(stream), 'a name of letters, digits and _-')
  const subject = text('INDELIBLE_NATS_SUBJECT') ?? 'indelible.events'
  check('INDELIBLE_NATS_SUBJECT', subjectPattern.test(subject), 'a subject without wildcards')
  const credentials = contents('INDELIBLE_NATS_CREDENTIALS_FILE')
  const nats = {
    ...{ urls, tls, stream, subject },
    ...(credentials === undefined ? {} : { credentials }),
  }
  return { broker: { nats }, prefetch, tenants }
}
