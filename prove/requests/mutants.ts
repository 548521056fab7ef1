import type { Mutant } from '../harness/stage.ts'

export const requestMutants: readonly Mutant[] = [
  {
    name: 'M7',
    does: 'lets lone surrogates in, which no store gives back as they were hashed',
    foundBy: 'requests',
    fault: /has a lone surrogate/,
    edits: [
      {
        file: 'packages/server/src/intake/strict-json.ts',
        find: '!scanned.isWellFormed()',
        replace: 'false',
      },
    ],
  },
]
