import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  hasNats,
  hasPrometheus,
  type Prometheus,
  startNats,
  startPrometheus,
  startTestServer,
  type TestServer,
} from '@indelible/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

/** The dashboard and the alert rules, against a real service on the embedded store. */
const deploy = join(import.meta.dirname, '../deploy')
const dashboardFile = join(deploy, 'grafana/indelible.json')
const rulesFile = join(deploy, 'prometheus/indelible.rules.yaml')

interface Target {
  readonly expr: string
}
const dashboard = JSON.parse(readFileSync(dashboardFile, 'utf8')) as {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly Target[] }[]
  readonly annotations: { readonly list: readonly Target[] }
} // as Grafana has it

/** As Grafana puts values in place of its variables, where all are chosen. */
const fill = ({ expr }: Target): string =>
  expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(job|instance)\b/g, '.*')
const panels = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map((target) => ({ title, expression: fill(target) })),
)

const ours = /\bindelible_\w+/g
const named = new Set(
  [dashboardFile, rulesFile].flatMap((file) => readFileSync(file, 'utf8').match(ours) ?? []),
)

test('what begins with our prefix is a metric, which the first scrape answers', async () => {
  await using server = await startTestServer()
  const { text } = await server.ask('/metrics')
  const samples = new Set(text.match(/^indelible_\w+/gm))
  const registered = new Set(text.match(/(?<=^# TYPE )indelible_\w+/gm))
  // Without a broker there is no queue to tell of.
  const isThere = (name: string) =>
    (name.startsWith('indelible_queue_') ? registered : samples).has(name)
  expect([...named].filter((name) => !isThere(name))).toEqual([])
})

describe.skipIf(!hasPrometheus() || !hasNats())('asked by a real Prometheus', () => {
  const cleanup = new AsyncDisposableStack()
  let server: TestServer
  let prometheus: Prometheus
  beforeAll(async () => {
    const nats = cleanup.use(await startNats())
    server = cleanup.use(await startTestServer({ config: { queues: [queueOf(nats.url)] } }))
    prometheus = cleanup.use(await startPrometheus(configure(server)))
  })
  afterAll(() => cleanup.disposeAsync())

  test('each query of the dashboard is well-formed and shows something', async () => {
    for (const annotation of dashboard.annotations.list) await prometheus.query(fill(annotation))
    for (const { title, expression } of panels) {
      await vi.waitFor(
        async () => {
          await use(server)
          const values = (await prometheus.query(expression)).map(({ value }) => value[1])
          expect(new Set(values).difference(new Set(['NaN'])).size, title).toBeGreaterThan(0)
        },
        { timeout: 30_000, interval: 250 },
      )
    }
  })

  test('each rule is evaluated without a fault', async () => {
    await expect
      .poll(async () => {
        const response = await fetch(`${prometheus.url}/api/v1/rules`)
        const { data } = (await response.json()) as RuleStates // as Prometheus documents it
        const rules = data.groups.flatMap((group) => group.rules)
        return rules.filter(({ health }) => health !== 'ok').map(({ name }) => name)
      })
      .toEqual([])
  })
})

interface RuleStates {
  readonly data: {
    readonly groups: readonly {
      readonly rules: readonly { readonly name: string; readonly health: string }[]
    }[]
  }
}

const queueOf = (url: string) => ({
  broker: {
    nats: { urls: [url], tls: {}, stream: 'INDELIBLE', subject: 'indelible.events' },
  },
  prefetch: 50,
  tenants: ['default'],
})

/** JSON is YAML. */
const configure = ({ url }: TestServer): string =>
  JSON.stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rulesFile],
    scrape_configs: [{ job_name: 'indelible', static_configs: [{ targets: [new URL(url).host] }] }],
  })

/** What a panel needs in order to show a duration or a rate. */
const use = (server: TestServer) =>
  Promise.all([
    server.post('/v1/events', [{ action: 'order.paid', actor: { id: 'u_1' } }]),
    server.ask('/v1/events?action=order.*'),
  ])
