import type { Mutant, Stage } from './harness/stage.ts'
import { killStage } from './kill/stage.ts'

/** Everything that is proved, in the order it is reported. */
export const stages: readonly Stage[] = [killStage]

/** Every fault that is planted, to see that its stage finds it. */
export const mutants: readonly Mutant[] = []
