import { EventSubmission } from '@indelible/protocol/schema'
import { Compile } from 'typebox/compile'
import { type FaultList, faultsMax } from '../base/fault-list.ts'
import { addSchemaFaults } from './schema-faults.ts'
import { addStructureFaults, isTooLarge, isWellStructured } from './structure.ts'

const submission = Compile(EventSubmission)

/**
 * Whether a parsed value is an event (design §2); its time and tenant are read elsewhere.
 * Every fault is added to `faults`, by its pointer below `pointer`.
 */
export function isEvent(
  value: unknown,
  pointer: string,
  faults: FaultList,
): value is EventSubmission {
  // The structure first: the schema's own walk knows no bound.
  if (isWellStructured(value) && submission.Check(value)) return true
  if (faults.count >= faultsMax) faults.add(pointer, 'Not a valid event.')
  else {
    if (!isTooLarge(value)) addSchemaFaults(submission, value, pointer, faults)
    addStructureFaults(value, pointer, faults)
  }
  return false
}
