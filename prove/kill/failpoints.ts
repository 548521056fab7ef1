import type { Edit } from '../harness/planting.ts'

/** What is going on when a process is killed; scenes.ts plays it. */
export type SceneName =
  | 'first start'
  | 'upgrade'
  | 'restart'
  | 'load'
  | 'index lost'
  | 'rotation'
  | 'stop'
  | 'backup'
  | 'reindex'
  | 'reindex followed'
  | 'restore'

/** A place between two steps of which one is durable: before or behind one of them. */
export interface Failpoint {
  readonly name: string
  readonly scene: SceneName
  readonly file: string
  /** Stands there once, and begins a statement: the process is killed just before it. */
  readonly before: string
  /** Passes that a scene is sure to come to; 1 where none is said. */
  readonly passes?: number
}

const server = 'packages/server/src'

/** Every durable step of the embedded store, in the order of a folder's life (ARCHITECTURE.md). */
export const failpoints: readonly Failpoint[] = [
  ...at('first start', 'store/sqlite/folder.ts', {
    'folder: before it is made': 'const first = mkdirSync(',
    'folder: before its name is synced': 'for (let made = folder;',
  }),
  ...at('first start', 'store/sqlite/schema.ts', {
    'schema: before it begins': "database.exec('BEGIN IMMEDIATE')",
    'schema: before the commit': 'database.exec(`PRAGMA user_version',
  }),
  ...at('first start', 'threads/open-folder.ts', {
    'schema: behind the commit': 'assertNotMoving(readMove(database))',
  }),
  ...at('first start', 'config/seed.ts', {
    'seed: before it is written': 'writeSync(file, randomBytes(seedBytes))',
    'seed: before its sync': 'fsyncSync(file)',
    'seed: before it is named': 'linkSync(temporary, path)',
    'seed: before the temporary name goes': 'rmSync(temporary, { force: true })',
    'seed: before its name is synced': 'syncFolder(dirname(path))',
  }),
  ...at('restart', 'threads/open-folder.ts', {
    'recovery: before the WAL is written back': "database.exec('PRAGMA wal_checkpoint(PASSIVE)')",
    'recovery: behind that': "const row = database.prepare('SELECT origin",
  }),
  ...at(
    'load',
    'store/sqlite/append-store.ts',
    {
      'commit: before it begins': "database.exec('BEGIN IMMEDIATE')",
      'commit: before COMMIT': "database.exec('COMMIT')",
      'commit: behind COMMIT': 'return result',
    },
    20,
  ),
  ...at(
    'load',
    'ledger/commit-group.ts',
    {
      'commit: entries are in': 'if (nodes.length > 0) await this.#transaction.insertNodes',
      'commit: before the head': 'const size = edge.size\n      await',
    },
    20,
  ),
  ...at(
    'load',
    'threads/embedded-ledger.ts',
    { 'commit: before the answers': 'const added = grown.reduce(' },
    20,
  ),
  ...at('load', 'ledger/publisher.ts', {
    'guard: before it advances': 'await guard.advance(',
    'guard: before anything is signed': 'const checkpoints = due.map(',
  }),
  ...at('load', 'store/sqlite/guard.ts', {
    'guard: before COMMIT': "database.exec('COMMIT')",
  }),
  ...at('load', 'store/sqlite/append-store.ts', {
    'checkpoint: before it is written': 'upsertCheckpoint.run(',
  }),
  ...at('load', 'threads/checkpointer.ts', {
    'checkpoint: signed, before it is kept': 'await threads.writer.saveCheckpoints(checkpoints)',
    'checkpoint: kept, before it is shown': 'signed += checkpoints.length',
  }),
  ...at(
    'load',
    'store/sqlite/indexer.ts',
    {
      'index: before it begins': "index.exec('BEGIN IMMEDIATE')",
      'index: before its watermark': 'updateState.run(last,',
      'index: before COMMIT': "index.exec('COMMIT')",
      'index: behind COMMIT': 'watermark = last\n      return count',
    },
    2,
  ),
  ...at('index lost', 'threads/indexer.ts', {
    'index: removed, before it is made anew': 'index = openIndex(at, instance)',
  }),
  ...at('index lost', 'store/sqlite/index-file.ts', {
    'index: new, before COMMIT': "database.exec('COMMIT')",
  }),
  ...at('rotation', 'ledger/commit-group.ts', {
    'rotation: before the key is kept': 'await this.#transaction.saveKeys(keys)',
    'rotation: before its record': 'log.head = { ...log.head, ...keys }',
  }),
  ...at('backup', 'operations/backup-data.ts', {
    'backup: before the copy': 'await backup(log, path, {',
  }),
  ...at('backup', 'operations/backup-files.ts', {
    'backup: before the copy is synced': 'syncPath(paths.log)',
    'backup: before its names are synced': 'syncPath(target)',
    'backup: before its manifest': 'writeDurably(paths.manifest',
    'backup: complete': 'return manifest',
  }),
  ...at('backup', 'base/durable-files.ts', {
    'whole file: before its sync':
      'fsyncSync(handle)\n  } finally {\n    closeSync(handle)\n  }\n  renameSync',
    'whole file: before it is renamed': 'renameSync(temporary, path)',
    'whole file: before its name is synced': 'syncPath(dirname(path))',
  }),
  ...at('reindex', 'operations/reindex-data.ts', {
    'reindex: before the new index is synced': 'syncPath(path)',
    'reindex: before the swap': 'writeDurably(paths.indexPointer',
    'reindex: behind the swap': 'removeOthers(folder, path)',
  }),
  ...at('reindex followed', 'threads/indexer.ts', {
    'reindex: followed, before the old index goes': 'removeDatabase(old)',
  }),
  ...at('restore', 'operations/restore-data.ts', {
    'restore: before the copy': 'copyFileSync(backupPaths(backup).log, prepared)',
    'restore: before its audit': 'const guarded = existsSync(paths.guard)',
    'restore: before the seed': 'keepSeed(seed, paths, options)',
    'restore: before the copy is synced': 'syncPath(prepared)',
    'restore: in place': 'return { logs, newGeneration, replaced',
  }),
  ...at('restore', 'operations/put-in-place.ts', {
    'restore: before the old log is set aside': "for (const suffix of ['', '-wal']) {",
    'restore: before that is synced': 'syncPath(aside)',
    'restore: before the index goes': 'for (const path of listIndexFiles(paths.folder))',
    'restore: before the old WAL goes': '// A WAL of another database would',
    'restore: before the rename': 'renameSync(prepared, paths.log)',
    'restore: before the new name is synced': 'syncPath(paths.folder)\n  return replaced',
  }),
]

/** The same places, while an older version's folder is brought up to date. */
export const upgradeFailpoints: readonly Failpoint[] = failpoints
  .filter(({ name }) => name.startsWith('schema:'))
  .map((point) => ({ ...point, scene: 'upgrade' as const }))

/** What plants them all; which of them ends a process is said when it runs. */
export const failpointEdits: readonly Edit[] = failpoints.map(({ name, file, before }) => ({
  file,
  find: before,
  replace: `failpoint(${JSON.stringify(name)}); ${before}`,
}))

function at(
  scene: SceneName,
  file: string,
  places: Readonly<Record<string, string>>,
  passes = 1,
): readonly Failpoint[] {
  return Object.entries(places).map(([name, before]) => ({
    ...{ name, scene, before, passes },
    file: `${server}/${file}`,
  }))
}
