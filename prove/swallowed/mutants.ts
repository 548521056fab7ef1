import type { Mutant } from '../harness/stage.ts'

const server = 'packages/server/src'

export const swallowedMutants: readonly Mutant[] = [
  {
    name: 'M10',
    does: 'looks no id up before it appends, and has no unique index on them',
    foundBy: 'swallowed',
    fault: /taken as new twice/,
    edits: [
      {
        file: `${server}/ledger/commit-group.ts`,
        find: 'ids.length === 0 ? new Map() : await',
        replace: 'true ? new Map() : await',
      },
      {
        file: `${server}/store/sqlite/append-store.ts`,
        find: "'INSERT INTO entry_id (log, id, seq)",
        replace: "'INSERT OR REPLACE INTO entry_id (log, id, seq)",
      },
      {
        file: `${server}/store/postgres/schema.ts`,
        find: 'CREATE UNIQUE INDEX entry_by_id',
        replace: 'CREATE INDEX entry_by_id',
      },
    ],
  },
  {
    name: 'M15',
    does: 'answers an append when the receiver of telemetry has answered',
    foundBy: 'swallowed',
    fault: /nothing was answered for/,
    edits: [
      {
        file: `${server}/telemetry/otlp/start-otlp.ts`,
        find: 'running.push(provider)',
        replace: 'running.push(provider); globalThis.sendTraces = () => provider.forceFlush()',
      },
      {
        file: `${server}/server.ts`,
        find: 'append: (events) => ledger.append(events),',
        replace: `append: async (events) => {
          const heads = await ledger.append(events)
          await globalThis.sendTraces()
          return heads
        },`,
      },
    ],
  },
]
