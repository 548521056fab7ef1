import type { Mutant } from '../harness/stage.ts'

/** The settings are weakened behind the back of whoever reads them back. */
const weaken = (level: 'NORMAL' | 'OFF'): Mutant['edits'] => [
  {
    file: 'packages/server/src/store/sqlite/open.ts',
    find: "if (journal === 'wal' && level === levelWanted) return",
    replace: `if (journal === 'wal' && level === levelWanted)
    return database.exec('PRAGMA synchronous = ${level}')`,
  },
]

/** A commit of log.db is lost, or one of guard.db. */
const lostCommit = /acknowledged and lost|signed at \d+, guarded at \d+/

export const powerMutants: readonly Mutant[] = [
  {
    name: 'M1',
    does: 'commits with synchronous=NORMAL',
    foundBy: 'power',
    fault: lostCommit,
    edits: weaken('NORMAL'),
  },
  {
    name: 'M2',
    does: 'commits with synchronous=OFF',
    foundBy: 'power',
    fault: lostCommit,
    edits: weaken('OFF'),
  },
  {
    name: 'M4',
    does: 'commits with synchronous_commit=off (PostgreSQL)',
    foundBy: 'nodes',
    // What was lost leaves its index to another.
    fault: /and lost|then taken as new|stands at [0-9]+, as/,
    edits: [
      {
        file: 'packages/server/src/store/postgres/open.ts',
        find: "'-c search_path=indelible ",
        replace: "'-c synchronous_commit=off -c search_path=indelible ",
      },
      {
        file: 'packages/server/src/store/postgres/open.ts',
        find: "...(commit === 'off' ? ['synchronous_commit'] : []),",
        replace: '',
      },
    ],
  },
  {
    name: 'M13',
    does: 'restores without an fsync of the file and of its folder',
    foundBy: 'power',
    fault: /restored: (there is no log in it|it can't be read|.*acknowledged and lost)/,
    edits: [
      {
        file: 'packages/server/src/operations/restore-data.ts',
        find: '    syncPath(prepared)\n',
        replace: '',
      },
      {
        file: 'packages/server/src/operations/put-in-place.ts',
        find: '  renameSync(prepared, paths.log)\n  syncPath(paths.folder)\n',
        replace: '  renameSync(prepared, paths.log)\n',
      },
    ],
  },
]
