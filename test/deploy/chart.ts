import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse, parseAllDocuments } from 'yaml'

const root = join(import.meta.dirname, '../..')
const chart = join(root, 'deploy/helm/indelible')
const libraries = '/usr/share/gocode'
const run = promisify(execFile)

export const hasTemplateEngine = (): boolean =>
  existsSync('/usr/bin/go') && existsSync(join(libraries, 'src/github.com/Masterminds/sprig'))

/** An object of Kubernetes, as far as tests look into it. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  // biome-ignore lint/suspicious/noExplicitAny: tests look into objects whose shape they assert
  readonly spec?: any
}
type Values = Readonly<Record<string, unknown>>
export type Render = (values: Values) => readonly Manifest[]

/** Builds the renderer, some seconds of work. @returns what throws Error with the template's words */
export async function buildRenderer(folder: string): Promise<Render> {
  const program = join(folder, 'render')
  const environment = { GO111MODULE: 'off', GOPATH: libraries, GOCACHE: join(folder, 'cache') }
  await run('go', ['build', '-o', program, join(import.meta.dirname, 'render.go')], {
    env: { ...process.env, ...environment },
  })
  const usual = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as Values // a mapping
  return (values) => {
    const input = JSON.stringify(merge(usual, values))
    const { status, stdout, stderr } = spawnSync(program, [chart], { input, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return parseAllDocuments(stdout).flatMap((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0]
      return document.toJS() ?? []
    })
  }
}

const isMapping = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** As Helm lays values over those of the chart: mappings member by member, all else as a whole. */
const merge = (usual: Values, given: Values): Values =>
  Object.fromEntries(
    Object.entries({ ...usual, ...given }).map(([name, value]) => {
      const under = usual[name]
      return [name, isMapping(under) && isMapping(value) ? merge(under, value) : value]
    }),
  )

/** Whose types no package brings: they are the Prometheus operator's. */
const isForeign = ({ apiVersion }: Manifest) => apiVersion.startsWith('monitoring.coreos.com/')

/**
 * Holds manifests to Kubernetes' own types, by the compiler: a member that is unknown, missing or of
 * another type is an error. @returns what it says, empty where nothing is wrong
 */
export async function checkTypes(folder: string, manifests: readonly Manifest[]): Promise<string> {
  const lines = manifests
    .filter((manifest) => !isForeign(manifest))
    .flatMap((manifest, at) => {
      const { apiVersion, kind } = manifest
      const literal = JSON.stringify(manifest, null, 1)
      return [
        `import type { I${kind} as Type${at} } from 'kubernetes-models/${apiVersion}/${kind}'`,
        `export const manifest${at}: Type${at} = ${literal}`,
      ]
    })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'manifests.ts'), `${lines.join('\n')}\n`)
  if (!existsSync(join(folder, 'node_modules'))) {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  }
  const flags = '--ignoreConfig --noEmit --strict --skipLibCheck --target esnext --module esnext'
  const more = '--moduleResolution bundler --types node'
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const words = [compiler, ...flags.split(' '), ...more.split(' '), 'manifests.ts']
  return run(process.execPath, words, { cwd: folder }).then(
    () => '',
    ({ stdout }: { readonly stdout: string }) => stdout,
  )
}
