import type { Mutant } from '../harness/stage.ts'

export const queuesMutants: readonly Mutant[] = [
  {
    name: 'M9',
    does: 'acknowledges a message before it is appended',
    foundBy: 'queues',
    fault: /confirmed and lost/,
    edits: [
      {
        file: 'packages/server/src/intake/queues/settle.ts',
        find: 'const refusal = await findRefusal(message, options, round)',
        replace:
          'message.acknowledge(); const refusal = await findRefusal(message, options, round)',
      },
    ],
  },
]
