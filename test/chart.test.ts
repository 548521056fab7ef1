import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { settings } from '@indelible/server/settings'
import { createTemporaryFolder } from '@indelible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { isInstalled } from '../packages/testkit/src/broker.ts'
import { buildRenderer, checkTypes, hasTemplateEngine, type Render } from './deploy/chart.ts'

/** The Helm chart, rendered by the engine that Helm is made of, for want of Helm itself. */
const canRender = isInstalled(
  hasTemplateEngine(),
  'Go and Sprig are not installed: apt-get install --no-install-recommends golang-go ' +
    'golang-github-masterminds-sprig-dev golang-gopkg-yaml.v3-dev',
)

const rules = readFileSync(
  join(import.meta.dirname, '../deploy/prometheus/indelible.rules.yaml'),
  'utf8',
)
const secret = (name: string) => ({ name })
const cluster = {
  replicas: 3,
  secrets: {
    seed: secret('indelible'),
    store: secret('indelible'),
    rootKey: secret('indelible'),
    metricsKey: secret('metrics'),
    amqp: secret('broker'),
  },
  tls: { secretName: 'certificate' },
  trustedProxies: '10.1.0.0/16',
  settings: { INDELIBLE_ORIGIN: 'audit.example.com', INDELIBLE_DRAIN_SECONDS: 10 },
  networkPolicy: { to: [{ ipBlock: { cidr: '10.0.0.5/32' } }] },
  ingress: { enabled: true, className: 'nginx', tlsSecretName: 'front' },
  serviceMonitor: { enabled: true, tlsConfig: { serverName: 'audit.example.com' } },
  prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
  podAnnotations: { note: 'x' },
  nodeSelector: { disk: 'ssd' },
  tolerations: [{ key: 'audit', operator: 'Exists' }],
}

describe.skipIf(!canRender)('the Helm chart', () => {
  const folder = createTemporaryFolder()
  let render: Render
  beforeAll(async () => {
    render = await buildRenderer(folder.path)
  }, 180_000)
  afterAll(() => folder[Symbol.dispose]())

  const find = (kind: string, values = {}) =>
    render(values).find((manifest) => manifest.kind === kind)?.spec
  const findPod = (values = {}) => find('StatefulSet', values).template.spec

  test('all that it renders is what Kubernetes knows, member by member', async () => {
    const kinds = render(cluster).map(({ kind }) => kind)
    expect(kinds.sort()).toEqual(
      [
        ...['Ingress', 'NetworkPolicy', 'PodDisruptionBudget', 'PrometheusRule', 'Service'],
        ...['Service', 'ServiceAccount', 'ServiceMonitor', 'StatefulSet'],
      ].sort(),
    )
    expect(await checkTypes(folder.path, [...render({}), ...render(cluster)])).toBe('')
  })

  test('a member that Kubernetes does not know would be found', async () => {
    const [manifest] = render({}).filter(({ kind }) => kind === 'StatefulSet')
    const faulty = { ...manifest, spec: { ...manifest?.spec, replcas: 1 } }
    expect(await checkTypes(folder.path, [faulty as never])).toContain('replcas')
  })

  test('a pod runs as nobody in particular, with nothing to write to but its data', () => {
    for (const values of [{}, cluster]) {
      const pod = findPod(values)
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 })
      expect(pod.automountServiceAccountToken).toBe(false)
      expect(pod.containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      const writable = pod.containers[0].volumeMounts.filter(
        (mount: { readonly readOnly?: boolean }) => mount.readOnly !== true,
      )
      expect(writable).toEqual([{ name: 'data', mountPath: '/data' }])
    }
  })

  test('no Service’s name sets a setting: INDELIBLE_PORT would be one called indelible', () => {
    for (const values of [{}, cluster]) expect(findPod(values).enableServiceLinks).toBe(false)
  })

  test('each variable is a setting, and each secret a file that is mounted', () => {
    const known = new Set<string>(settings.flatMap(({ name }) => [name, `${name}_FILE`]))
    for (const values of [{}, cluster]) {
      const pod = findPod(values)
      const projected = pod.volumes?.find(
        (volume: { readonly name: string }) => volume.name === 'secrets',
      )?.projected.sources
      const paths = (projected ?? []).map(
        (source: { readonly secret: { readonly items: readonly { readonly path: string }[] } }) =>
          `/run/secrets/indelible/${source.secret.items[0]?.path}`,
      )
      const { env } = pod.containers[0]
      for (const { name, value } of env) {
        expect(known, name).toContain(name)
        expect(typeof value, name).toBe('string')
        if (value.startsWith('/run/secrets/indelible/')) expect(paths).toContain(value)
      }
    }
  })

  test('its alerts are those of the rules', () => {
    expect(find('PrometheusRule', cluster)).toEqual(parse(rules))
    expect(find('ServiceMonitor', cluster).endpoints[0]).toMatchObject({
      scheme: 'https',
      authorization: { credentials: { name: 'metrics', key: 'metrics-key' } },
    })
  })

  test('what can’t work is refused, and says why', () => {
    expect(() => render({ replicas: 2 })).toThrow('more than one needs PostgreSQL')
    const store = { secrets: { store: secret('s') } }
    expect(() => render(store)).toThrow('every node needs the same seed')
    expect(() => render({ secrets: { nats: secret('s') } })).toThrow('networkPolicy.to')
  })
})
