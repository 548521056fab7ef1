import type { Mutant } from '../harness/stage.ts'

const store = 'packages/server/src/store/postgres'

export const nodesMutants: readonly Mutant[] = [
  {
    name: 'M6',
    does: 'leaves the errors of sessions that are in use without a listener',
    foundBy: 'nodes',
    fault: /ended by itself|thread died/,
    edits: [
      {
        file: `${store}/open.ts`,
        find: "pool.on('connect', (client) => client.on('error', onFault))",
        replace: '',
      },
    ],
  },
  {
    name: 'M8',
    does: 'reads the head of a log without its lock, and lets two entries have one index',
    foundBy: 'nodes',
    fault: /stands at [0-9]+, as/,
    edits: [
      {
        file: `${store}/append-store.ts`,
        find: 'ORDER BY tenant FOR UPDATE`',
        replace: 'ORDER BY tenant`',
      },
      {
        file: `${store}/schema.ts`,
        find: 'tokens bigint[] NOT NULL,\n      PRIMARY KEY (tenant, idx)',
        replace: 'tokens bigint[] NOT NULL',
      },
    ],
  },
]
