import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from './read-config.ts'
import { settings } from './settings.ts'

const addresses = { INDELIBLE_AMQP: 'amqp://localhost', INDELIBLE_NATS: 'nats://localhost' }

test('the reference has every setting of a queue, and no other', () => {
  const path = new URL('../../../../docs/reference/settings.md', import.meta.url)
  const rows = readFileSync(path, 'utf8').matchAll(/^\| `…_([A-Z_]+)` \|([^|]*)\|/gm)
  const documented = [...rows].flatMap(([, suffix, brokers = '']) =>
    ['AMQP', 'NATS']
      .filter((broker) => brokers.includes(broker))
      .map((broker) => `INDELIBLE_${broker}_${suffix}`),
  )
  const named = settings.map(({ name }) => name).filter((name) => /_(AMQP|NATS)_/.test(name))
  expect(documented.sort()).toEqual([...named].sort())
})

test('without an address there is no queue, whatever else is set', () => {
  expect(readConfig({ INDELIBLE_AMQP_QUEUE: 'events' }).queues).toEqual([])
})

test('an address is all that a queue needs', () => {
  const { queues } = readConfig(addresses)
  expect(queues).toEqual([
    {
      broker: { amqp: { urls: ['amqp://localhost'], tls: {}, queue: 'indelible.events' } },
      ...{ prefetch: 256, tenants: ['*'] },
    },
    {
      broker: {
        nats: {
          ...{ urls: ['nats://localhost'], tls: {} },
          ...{ stream: 'INDELIBLE', subject: 'indelible.events' },
        },
      },
      ...{ prefetch: 256, tenants: ['*'] },
    },
  ])
})

test('a cluster has several addresses, and TLS its files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'indelible-test-'))
  const file = (name: string) => {
    writeFileSync(join(folder, name), `${name} in PEM`)
    return join(folder, name)
  }
  const { queues } = readConfig({
    INDELIBLE_AMQP: 'amqps://a:5671, amqps://b:5671',
    INDELIBLE_AMQP_TENANTS: 'acme,globex',
    INDELIBLE_AMQP_CA_FILE: file('ca'),
    INDELIBLE_AMQP_CERT_FILE: file('cert'),
    INDELIBLE_AMQP_KEY_FILE: file('key'),
  })
  rmSync(folder, { recursive: true })
  expect(queues).toEqual([
    {
      broker: {
        amqp: {
          urls: ['amqps://a:5671', 'amqps://b:5671'],
          tls: { ca: 'ca in PEM', cert: 'cert in PEM', key: 'key in PEM' },
          queue: 'indelible.events',
        },
      },
      ...{ prefetch: 256, tenants: ['acme', 'globex'] },
    },
  ])
})

test('certificates and an address without TLS are a contradiction, not a plain connection', () => {
  const folder = mkdtempSync(join(tmpdir(), 'indelible-test-'))
  const ca = join(folder, 'ca')
  writeFileSync(ca, 'in PEM')
  const read = (urls: string) =>
    readConfig({ INDELIBLE_AMQP: urls, INDELIBLE_AMQP_CA_FILE: ca }).queues
  expect(() => read('amqps://a:5671,amqp://b:5672')).toThrow('- INDELIBLE_AMQP_CA_FILE: ')
  expect(read('amqps://a:5671,amqps://b:5671')).toHaveLength(1)
  rmSync(folder, { recursive: true })
})

test.each([
  ['INDELIBLE_AMQP', 'http://localhost'],
  ['INDELIBLE_AMQP', 'localhost'],
  ['INDELIBLE_AMQP_QUEUE', 'amq.gen-1'],
  ['INDELIBLE_AMQP_PREFETCH', '0'],
  ['INDELIBLE_AMQP_PREFETCH', 'many'],
  ['INDELIBLE_AMQP_TENANTS', '_system'],
  ['INDELIBLE_AMQP_TENANTS', 'acme,,globex!'],
  ['INDELIBLE_AMQP_CA_FILE', '/nonexistent/ca.pem'],
  ['INDELIBLE_AMQP_KEY_FILE', '/nonexistent/key.pem'],
  ['INDELIBLE_NATS', 'amqp://localhost'],
  ['INDELIBLE_NATS_STREAM', 'a.b'],
  ['INDELIBLE_NATS_SUBJECT', 'events.>'],
])('%s is refused by name where it is "%s"', (name, value) => {
  expect(() => readConfig({ ...addresses, [name]: value })).toThrow(`- ${name}: `)
})
