import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Asked over HTTP alone, so the same on every store. */
const onEitherStore = [
  'action-schemas',
  'attacks',
  'attacks-on-inputs',
  'attacks-on-credentials',
  'attacks-on-integrity',
  'attacks-on-privileges',
  'attacks-on-sessions',
  'attacks-on-tenants',
  'bad-input',
  'cloudtrail',
  'contract',
  'dialects',
  'dialects-attacks',
  'dialects-cloudevents',
  'dialects-cloudtrail',
  'dialects-flat',
  'dialects-github',
  'dialects-kubernetes',
  'dialects-otlp',
  'dialects-otlp-audit',
  'dialects-retraced',
  'dialects-workos',
  'evidence',
  'metrics',
  'openapi',
  'redaction-rules',
  'settings',
  'stream',
  'system-log',
].map((name) => `test/${name}.test.ts`)

export default defineConfig({
  test: {
    // Workers, SQLite handles and child servers are easier to isolate in processes than in threads.
    pool: 'forks',
    // Three at a time on two cores, where it would be one: most of them wait, for disks and processes.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // Those that compile, pack and audit take their time on a busy machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // What is waited for comes when it comes: the machine is shared.
    expect: { poll: { timeout: 30_000 } },
    // Else each run tries other cases.
    setupFiles: process.env.INDELIBLE_TEST_SEED === undefined ? [] : ['test/property-seed.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: ['{packages,examples,load,prove,test,scripts}/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'on PostgreSQL',
          include: [
            ...onEitherStore,
            'packages/server/src/server.test.ts',
            'packages/server/src/http/problems.test.ts',
          ],
          env: { INDELIBLE_TEST_STORE: 'postgres' },
          globalSetup: ['packages/testkit/src/shared-postgres.ts'],
        },
      },
    ],
  },
})
