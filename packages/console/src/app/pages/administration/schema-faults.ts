import type { Fault } from '@indelible/protocol'
import { ApiProblem } from '../../api/problem.ts'

/** What the service finds wrong below a pointer, told by places within that part. */
export const faultsOf = (error: Error | null, below = ''): readonly Fault[] =>
  error instanceof ApiProblem
    ? error.errors
        .filter(({ pointer }) => pointer.startsWith(below))
        .map((fault) => ({ ...fault, pointer: fault.pointer.slice(below.length) }))
    : []
