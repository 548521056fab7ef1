import type { Mutant } from '../harness/stage.ts'

const store = 'packages/server/src/store/sqlite/append-store.ts'
const lost = /acknowledged and lost|taken as new|became/

const answerBeforeCommit: Mutant = {
  name: 'M3',
  does: 'answers before the commit',
  foundBy: 'kill',
  fault: lost,
  edits: [
    {
      file: store,
      find: "database.exec('BEGIN IMMEDIATE')",
      replace: "await globalThis.committed; database.exec('BEGIN IMMEDIATE')",
    },
    {
      file: store,
      find: "database.exec('COMMIT')",
      replace:
        "globalThis.committed = new Promise((resolve) => setTimeout(() => resolve(database.exec('COMMIT')), 5))",
    },
  ],
}

/** The commit of a group is left to the one that waits behind it. */
const answerWhereGroupsOverlap: Mutant = {
  name: 'M16',
  does: 'answers before the fsync where two commit groups overlap',
  foundBy: 'kill',
  fault: lost,
  edits: [
    {
      file: 'packages/server/src/ledger/append-queue.ts',
      find: 'if (waiting.length > 0 && underWay.length === 0)',
      replace: 'if (waiting.length > 0)',
    },
    {
      file: 'packages/server/src/threads/writer.ts',
      find: 'const mine = last.then(async () => {',
      replace:
        'globalThis.queued = (globalThis.queued ?? 0) + 1; const mine = last.then(async () => { globalThis.queued--;',
    },
    {
      file: store,
      find: "database.exec('BEGIN IMMEDIATE')",
      replace: "if (!database.isTransaction) database.exec('BEGIN IMMEDIATE')",
    },
    {
      file: store,
      find: "database.exec('COMMIT')",
      replace:
        "await new Promise((resolve) => setTimeout(resolve, 5)); if (globalThis.queued === 0) database.exec('COMMIT')",
    },
  ],
}

/** The order of the index: what it says that it has, it has, by one transaction. */
const watermarkBeforeFacts: Mutant = {
  name: 'watermark',
  does: "moves the index's watermark before its facts are kept",
  foundBy: 'kill-points',
  fault: /not found by its actor|audit: .*index/,
  edits: [
    {
      file: 'packages/server/src/store/sqlite/indexer.ts',
      find: "index.exec('BEGIN IMMEDIATE')",
      replace: `updateState.run(rows.at(-1)[0], readHash.get(rows.at(-1)[0]).hash); index.exec('BEGIN IMMEDIATE')`,
    },
  ],
}

export const killMutants: readonly Mutant[] = [
  answerBeforeCommit,
  answerWhereGroupsOverlap,
  watermarkBeforeFacts,
]
