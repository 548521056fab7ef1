import type { EventSubmission } from '@indelible/protocol'
import type { Validator } from 'typebox/compile'
import type { TLocalizedValidationError } from 'typebox/error'
import { Settings } from 'typebox/system'
import { type FaultList, faultsMax } from '../base/fault-list.ts'
import { appendPointer } from '../base/pointer.ts'
import { findClosest } from './spelling.ts'

const ledgersOwn: ReadonlySet<string> = new Set(['index', 'received', 'hash'])
/** Names that a prototype has: `structure.ts` refuses them everywhere, so not twice here. */
const refusedElsewhere: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

const patternRules: ReadonlyMap<string, string> = new Map([
  ['/id', '1 to 128 of A-Z a-z 0-9 . _ : ~ @ + = -, and not "." or ".."'],
  ['/tenant', '1 to 128 of A-Z a-z 0-9 . _ -, beginning with a letter or digit'],
])

/** Adds what the schema finds wrong with `value`, each as a sentence for a person. */
export function addSchemaFaults(
  validator: Validator<Record<never, never>, typeof EventSubmission>,
  value: unknown,
  pointer: string,
  faults: FaultList,
): void {
  let previous = ''
  for (const error of listErrors(validator, value)) {
    // What is too long does not match its pattern either: one sentence will do.
    const isSaid = error.keyword === 'pattern' && error.instancePath === previous
    if (!isSaid) addFault(error, validator, pointer, faults)
    previous = error.instancePath
  }
}

/** The library keeps 8 errors unless told otherwise, for the whole process: told, and put back. */
function listErrors(
  validator: Validator<Record<never, never>, typeof EventSubmission>,
  value: unknown,
): TLocalizedValidationError[] {
  const { maxErrors } = Settings.Get()
  Settings.Set({ maxErrors: 4 * faultsMax })
  try {
    return validator.Errors(value)
  } finally {
    Settings.Set({ maxErrors })
  }
}

function addFault(
  error: TLocalizedValidationError,
  validator: Validator<Record<never, never>, typeof EventSubmission>,
  base: string,
  faults: FaultList,
): void {
  // One sentence for a union, not one for each of its branches.
  if (error.schemaPath.includes('/anyOf/')) return
  const at = base + error.instancePath
  switch (error.keyword) {
    case 'boolean':
      return // Said again, with all names at once, by additionalProperties.
    case 'required':
      for (const name of error.params.requiredProperties) {
        faults.add(appendPointer(at, name), `Missing: ${quote(name)} is required.`)
      }
      return
    case 'additionalProperties': {
      const known = error.instancePath === '' ? Object.keys(validator.Type().properties) : changes
      for (const name of error.params.additionalProperties) {
        if (refusedElsewhere.has(name)) continue
        faults.add(appendPointer(at, name), describeUnknown(name, known, error.instancePath === ''))
      }
      return
    }
    default:
      faults.add(at, describe(error))
  }
}

const changes = ['before', 'after']

function describeUnknown(name: string, known: readonly string[], isTopLevel: boolean): string {
  if (isTopLevel && ledgersOwn.has(name)) {
    return `${quote(name)} is the ledger's to say and can not be submitted.`
  }
  const closest = findClosest(name, known)
  if (closest !== undefined) return `Unknown member ${quote(name)}: did you mean ${quote(closest)}?`
  const place = isTopLevel ? ' Anything of your own goes into "data".' : ''
  return `Unknown member ${quote(name)}.${place}`
}

function describe(error: TLocalizedValidationError): string {
  switch (error.keyword) {
    case 'type':
      return `Must be ${withArticle(String(error.params.type))}.`
    case 'anyOf':
      return error.instancePath === '/outcome'
        ? 'Must be "success", "failure", "denied" or "unknown".'
        : 'Must be an object or null.'
    case 'maxLength':
      return `Longer than ${error.params.limit} characters.`
    case 'minLength':
      return 'Must not be empty.'
    case 'maxItems':
      return `More than ${error.params.limit} items.`
    case 'pattern':
      return `Must be ${patternRules.get(error.instancePath) ?? `as ${error.params.pattern}`}.`
    default:
      return `Not valid: ${error.message}.`
  }
}

function quote(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name)
}

function withArticle(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`
}
