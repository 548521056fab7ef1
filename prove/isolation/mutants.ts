import type { Mutant } from '../harness/stage.ts'

export const isolationMutants: readonly Mutant[] = [
  {
    name: 'M11',
    does: 'takes the tenant of a page from its cursor, not from the grant',
    foundBy: 'isolation',
    fault: /cursor=\S+ : was shown qz/,
    edits: [
      {
        file: 'packages/server/src/query/cursor.ts',
        find: '[...binding.tenants].sort(), formatQuery',
        replace: '[], formatQuery',
      },
      {
        file: 'packages/server/src/threads/reader.ts',
        find: 'const { entries, next } = await search({ ...request, after })\n      return {',
        replace:
          'const { entries, next } = await search({ ...request, ...(after && { tenants: [after.tenant] }), after })\n      return {',
      },
    ],
  },
  {
    // On the list this is retention that ignores a legal hold; there is neither, and nothing to plant
    // it in. This is of its kind: one way around what holds everywhere else.
    name: 'M12',
    does: 'lets a viewer token read, one by one, what its filter hides',
    foundBy: 'isolation',
    fault: /GET \/(v1\/events|event)\/\S+ : was shown qz/,
    edits: [
      {
        file: 'packages/server/src/http/find-entry.ts',
        find: 'narrow(principal, ownQuery, parts.clock())',
        replace: 'ownQuery',
      },
    ],
  },
]
