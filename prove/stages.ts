import { bitRotMutants, bitRotStage } from './bit-rot/stage.ts'
import { clockMutants, clockStage } from './clock/stage.ts'
import { diskMutants } from './disk/mutants.ts'
import { ioErrorsStage } from './disk/stage.ts'
import type { Mutant, Stage } from './harness/stage.ts'
import { isolationMutants } from './isolation/mutants.ts'
import { isolationStage } from './isolation/stage.ts'
import { killMutants } from './kill/mutants.ts'
import { killPointsStage } from './kill/points.ts'
import { killStage } from './kill/stage.ts'
import { nodesMutants } from './nodes/mutants.ts'
import { nodesStage } from './nodes/stage.ts'
import { powerMutants } from './power/mutants.ts'
import { powerStage } from './power/stage.ts'
import { queuesMutants } from './queues/mutants.ts'
import { queuesStage } from './queues/stage.ts'
import { requestMutants } from './requests/mutants.ts'
import { requestsStage } from './requests/stage.ts'
import { spoolMutants, spoolStage } from './spool/stage.ts'
import { swallowedMutants } from './swallowed/mutants.ts'
import { swallowedStage } from './swallowed/stage.ts'
import { umlStage } from './uml/stage.ts'

/** Everything that is proved, in the order it is reported. */
export const stages: readonly Stage[] = [
  killStage,
  killPointsStage,
  ioErrorsStage,
  powerStage,
  spoolStage,
  umlStage,
  nodesStage,
  swallowedStage,
  queuesStage,
  isolationStage,
  clockStage,
  bitRotStage,
  requestsStage,
]

/** Every fault that is planted, to see that its stage finds it. */
export const mutants: readonly Mutant[] = [
  ...killMutants,
  ...diskMutants,
  ...powerMutants,
  ...spoolMutants,
  ...nodesMutants,
  ...swallowedMutants,
  ...queuesMutants,
  ...isolationMutants,
  ...clockMutants,
  ...bitRotMutants,
  ...requestMutants,
]
