import { everyTenant, type Fault, limits, type SchemaInfo } from '@indelible/protocol'
import { type Clock, formatTime } from '../base/clock.ts'
import { isDeeper } from '../base/is-deeper.ts'
import { appendPointer } from '../base/pointer.ts'
import { Refusal } from '../base/refusal.ts'
import { isTenantName } from '../base/tenant-name.ts'
import { attribute, type Caller, formatMaker } from './caller.ts'
import type { Directory } from './directory.ts'
import { assertNoFaults, refuseUnknown } from './grants.ts'
import { assertCovers, assertScope } from './principal.ts'
import { put, remove, type SchemaRecord } from './records.ts'
import type { Redact } from './redact-record.ts'
import { isReserved } from './resolve-tenants.ts'

export type Schemas = ReturnType<typeof createSchemas>

/** More than the schemas that may be in one another take, and less than a stack holds. */
const levelsMax = 256

/** No tenant's name has a slash. */
const formatId = (tenant: string, action: string) => `${tenant}/${action}`

/** JSON Schemas that tenants hold events of an action to: written down, replaced, removed. */
export function createSchemas(options: {
  readonly directory: Directory
  /** What is wrong with a JSON Schema, by pointer. */
  readonly findSchemaFaults: (schema: unknown) => readonly Fault[]
  /** What is wrong with an event that is held to a sound one. */
  readonly findEventFaults: (schema: string, event: unknown) => readonly Fault[]
  readonly clock: Clock
  readonly redact?: Redact
}) {
  const { directory, findSchemaFaults, findEventFaults, clock, redact = (text) => text } = options

  function assertMay(caller: Caller, tenant: string): void {
    assertScope(caller.principal, 'admin')
    assertCovers(caller.principal, tenant)
  }

  function find(tenant: string, action: string): SchemaRecord {
    const record = directory.schema(formatId(tenant, action))
    if (record === undefined) throw refuseUnknown('schema')
    return record
  }

  /** Of this tenant's schemas, and of all, there are only so many. */
  function assertRoom(tenant: string, action: string, chars: number): void {
    const others = directory
      .schemas()
      .filter((other) => other.tenant !== tenant || other.action !== action)
    const own = others.filter((other) => other.tenant === tenant)
    const count = (records: readonly SchemaRecord[]) =>
      records.reduce((sum, { schema }) => sum + schema.length, chars)
    if (own.length >= limits.schemasPerTenantMax) {
      throw new Refusal('resource-conflict', {
        detail: `The tenant has ${own.length} schemas, as many as it may; remove one first.`,
      })
    }
    if (count(own) > limits.schemasPerTenantCharsMax) {
      throw new Refusal('resource-conflict', {
        detail: `The tenant's schemas may have ${limits.schemasPerTenantCharsMax} characters together; remove some first.`,
      })
    }
    if (count(others) > limits.schemasCharsMax) {
      throw new Refusal('resource-conflict', {
        detail: `All schemas may have ${limits.schemasCharsMax} characters together; remove some first.`,
      })
    }
  }

  /** @returns its text @throws Refusal `request-invalid`, with pointers below `pointer` */
  function assertSound(schema: unknown, pointer = ''): string {
    if (isDeeper(schema, levelsMax)) {
      assertNoFaults([{ pointer, detail: `Nested deeper than ${levelsMax} levels.` }])
    }
    const text = JSON.stringify(schema)
    const bytes = Buffer.byteLength(text)
    if (bytes > limits.schemaBytesMax) {
      const detail = `${bytes} bytes; a schema has ${limits.schemaBytesMax} at most.`
      assertNoFaults([{ pointer, detail }])
    }
    const faults = [...findSchemaFaults(schema), ...findSecrets(schema, redact)]
    assertNoFaults(faults.map((fault) => ({ ...fault, pointer: pointer + fault.pointer })))
    return text
  }

  /** @param make the schema's text, from the one that there is; it throws what is wrong with it */
  async function write(
    caller: Caller,
    tenant: string,
    action: string,
    make: (before: string | undefined) => string,
  ): Promise<SchemaInfo & { readonly isNew: boolean }> {
    const by = formatMaker(caller.principal)
    let record: SchemaRecord | undefined
    let isNew = true
    await directory.administer(() => {
      const before = directory.schema(formatId(tenant, action))
      const text = make(before?.schema)
      assertRoom(tenant, action, text.length)
      isNew = before === undefined
      record = { tenant, action, schema: text, updated: clock(), by }
      return {
        changes: [put('schema', formatId(tenant, action), record, isNew ? 'absent' : 'present')],
        record: {
          action: isNew ? 'schema.created' : 'schema.changed',
          ...attribute(caller),
          targets: describeTargets(tenant, action),
          // The schemas as texts: their members are no fields to search by.
          data: { ...(before === undefined ? {} : { before: before.schema }), after: text },
        },
      }
    })
    if (record === undefined) throw new Error('the act was not decided')
    return { ...describe(record), isNew }
  }

  function assertSettable(caller: Caller, tenant: string, action: string): void {
    assertMay(caller, tenant)
    assertNoFaults([findTenantFault(tenant), findActionFault(action, redact)])
  }

  const lookUp = (tenant: string, action: string): SchemaRecord | undefined =>
    directory.schema(formatId(tenant, action)) ?? directory.schema(formatId(everyTenant, action))

  return {
    /**
     * The one that events of an action are held to, the tenant's own or else that of `*`; asked
     * for with each event.
     */
    lookUp,
    /** @throws Refusal `scope-insufficient` */
    list(caller: Caller, tenant: string): SchemaInfo[] {
      assertMay(caller, tenant)
      return directory
        .schemas()
        .filter((record) => record.tenant === tenant)
        .sort((one, other) => (one.action < other.action ? -1 : 1))
        .map(describe)
    },
    /** @throws Refusal `scope-insufficient` `resource-unknown` */
    read(caller: Caller, tenant: string, action: string): SchemaInfo {
      assertMay(caller, tenant)
      return describe(find(tenant, action))
    },
    /**
     * Holds for what comes in from then on; `*` for every tenant that has no other.
     * @throws Refusal `request-invalid` with what is wrong with the schema, `scope-insufficient`
     *   `resource-conflict` `pushback`
     */
    async set(caller: Caller, tenant: string, action: string, schema: unknown) {
      assertSettable(caller, tenant, action)
      const text = assertSound(schema)
      return write(caller, tenant, action, () => text)
    },
    /**
     * Makes a schema of the one that there is, when its turn has come.
     * @throws Refusal as `set`, and what `make` throws
     */
    async revise(
      caller: Caller,
      tenant: string,
      action: string,
      make: (before: unknown) => unknown,
    ) {
      assertSettable(caller, tenant, action)
      return write(caller, tenant, action, (before) =>
        assertSound(make(before === undefined ? undefined : JSON.parse(before))),
      )
    },
    /**
     * Whether an event would be taken, by the schema that there is or by one that might be.
     * @throws Refusal as `set`, and `resource-unknown` where there is none
     */
    check(
      caller: Caller,
      tenant: string,
      action: string,
      trial: { readonly event: unknown; readonly schema?: unknown },
    ): { readonly valid: boolean; readonly errors: readonly Fault[] } {
      assertMay(caller, tenant)
      const { event, schema } = trial
      const text =
        schema === undefined
          ? (lookUp(tenant, action) ?? find(tenant, action)).schema
          : assertSound(schema, '/schema')
      const errors = findEventFaults(text, event)
      return { valid: errors.length === 0, errors }
    },
    /** @throws Refusal `scope-insufficient` `resource-unknown` `pushback` */
    async remove(caller: Caller, tenant: string, action: string): Promise<void> {
      assertMay(caller, tenant)
      await directory.administer(() => {
        const { schema } = find(tenant, action)
        return {
          changes: [remove('schema', formatId(tenant, action), 'present')],
          record: {
            action: 'schema.removed',
            ...attribute(caller),
            targets: describeTargets(tenant, action),
            data: { before: schema },
          },
        }
      })
    },
  }
}

function describe({ action, schema, updated, by }: SchemaRecord): SchemaInfo {
  return { action, schema: JSON.parse(schema), updated: formatTime(updated), by }
}

const describeTargets = (tenant: string, action: string) => [
  { type: 'action', id: action },
  { type: 'tenant', id: tenant },
]

function findTenantFault(tenant: string): Fault | undefined {
  if (tenant === everyTenant || (isTenantName(tenant) && !isReserved(tenant))) return undefined
  return { pointer: '', detail: 'The tenant’s events can not be held to schemas.' }
}

function findActionFault(action: string, redact: Redact): Fault | undefined {
  if (action.length > limits.actionCharsMax) {
    return { pointer: '', detail: `An action has ${limits.actionCharsMax} characters at most.` }
  }
  if (redact(action) === action) return undefined
  return { pointer: '', detail: 'The action holds what looks like a secret.' }
}

/** Schemas are shown: in lists, in `_system`, and in what senders of events are told. */
function findSecrets(value: unknown, redact: Redact, pointer = ''): Fault[] {
  if (typeof value === 'string') {
    return redact(value) === value ? [] : [{ pointer, detail: 'Holds what looks like a secret.' }]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const at = appendPointer(pointer, name)
    const named = redact(name) === name ? [] : [{ pointer, detail: 'Has a name like a secret.' }]
    return [...named, ...findSecrets(member, redact, at)]
  })
}
