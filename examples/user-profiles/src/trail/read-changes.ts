import { type Client, ClientError, type Entry } from '@indelible/client'
import { Refusal } from '../refusal.ts'

/** The `source` of this application's events. */
export const source = 'user-profiles'

export const operations = ['CREATE', 'UPDATE', 'DELETE'] as const
export type Operation = (typeof operations)[number]

/** Which changes to show. What is left out doesn't matter, but `outcome`: success. */
export interface ChangeFilter {
  /** Id of the changed user. */
  readonly user?: string
  /** Name of who did it. */
  readonly actor?: string
  readonly operation?: Operation
  /** `denied` and `failure`: what was tried, and refused. */
  readonly outcome?: string
  /** RFC 3339, or a day; included. */
  readonly since?: string
  /** RFC 3339, or a day; excluded. */
  readonly until?: string
  readonly cursor?: string
  readonly limit?: number
}

/** One change, or one that was tried. */
export interface ChangeRow {
  readonly id: string
  /** Its place in Indelible's log. */
  readonly index: number
  readonly time: string
  readonly operation: unknown
  readonly outcome: string
  readonly actor: unknown
  readonly user_id: string | null
  readonly previous_data: unknown
  readonly new_data: unknown
  /** From the one to the other: JSON Patch (RFC 6902). */
  readonly patch: unknown
  /** The id of the request that did it, and where it came from. */
  readonly request: string | null
  readonly ip: string | null
}

/**
 * One page of the trail, newest first, as Indelible has it: nothing of it is kept here.
 * @throws Refusal `input-invalid` for what Indelible finds wrong, `trail-unavailable`
 */
export async function readChanges(
  audit: Pick<Client, 'search'>,
  filter: ChangeFilter,
): Promise<{ readonly entries: readonly ChangeRow[]; readonly next: string | null }> {
  const { user, actor, operation, outcome, ...rest } = filter
  try {
    const { entries, next } = await audit.search({
      ...rest,
      source,
      outcome: outcome ?? 'success',
      'data.operation': operation ?? operations,
      ...(user === undefined ? {} : { 'targets.id': user }),
      ...(actor === undefined ? {} : { 'actor.id': actor }),
    })
    return { entries: entries.map(toRow), next }
  } catch (error) {
    throw toRefusal(error)
  }
}

function toRow({ index, event }: Entry): ChangeRow {
  const { id, time, outcome, actor, targets, changes, data, context } = event
  return {
    id,
    index,
    time,
    operation: data?.operation,
    outcome,
    actor,
    user_id: targets?.[0]?.id ?? null,
    previous_data: changes?.before ?? null,
    new_data: changes?.after ?? null,
    patch: data?.patch ?? null,
    request: context?.request ?? null,
    ip: context?.ip ?? null,
  }
}

function toRefusal(error: unknown): unknown {
  if (!(error instanceof ClientError)) return error
  if (error.code === 'cursor-invalid') {
    const faults = [{ field: 'cursor', detail: 'The `next` of a page of the same filters.' }]
    return new Refusal('input-invalid', 'The cursor is not valid.', faults)
  }
  if (error.code === 'query-invalid') return new Refusal('input-invalid', error.message)
  const why = 'The audit trail can’t be read at present. Changes are still recorded.'
  return new Refusal('trail-unavailable', why, [], { cause: error })
}
