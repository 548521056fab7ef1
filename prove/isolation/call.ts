import type { Random, SpawnedServer } from '@indelible/testkit'
import { covers, type Filter, type Grant, type Known, listVisible, resolve } from './model.ts'
import { tenants, type World } from './world.ts'

/** What somebody asks, and what the model says of the answer. */
export interface Call {
  readonly grant: Grant
  readonly path: string
  readonly method?: 'GET' | 'POST'
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  /** Of the answer; undefined where the model does not say. */
  readonly status?: readonly number[]
  /** What may be in the answer. Default: nothing. */
  readonly atMost?: readonly Known[]
  /** All of it has to be. */
  readonly isWhole?: boolean
  /** A further look at an answer that was taken. @returns what is wrong with it */
  readonly look?: (text: string, headers: Headers) => string | undefined
  /** What the caller wrote stands in the answer. */
  readonly echoes?: boolean
  /** So many entries are waited for: the answer has no end. */
  readonly follows?: number
}

/** What calls are made of. */
export interface Means {
  readonly world: World
  readonly random: Random
  readonly server: SpawnedServer
  /** Cursors and the like that others were given. */
  readonly cursors: Cursor[]
}

export interface Cursor {
  readonly cursor: string
  /** The parameters that it was made for. */
  readonly query: string
  readonly named: string | undefined
  readonly test: (entry: Known) => boolean
}

export type MakeCall = (grant: Grant, means: Means) => Call

/** They have no log. */
const absent: readonly (string | undefined)[] = ['nobody', 'Acme']
export const isAbsent = (tenant: string | undefined): boolean => absent.includes(tenant)

/** A tenant of anybody's, `*`, ours, one that is not there, or none. */
const named = [undefined, ...tenants, ...tenants, '*', '_system', ...absent]

/** More often one of the grant's own: what everybody is refused shows little. */
export function drawTenant(grant: Grant, { random }: Means): string | undefined {
  const own = tenants.filter((tenant) => covers(grant, tenant))
  return own.length > 0 && random() < 0.6
    ? random.pick<string | undefined>(own)
    : random.pick(named)
}

export const mayRead = ({ scopes }: Grant): boolean => scopes.includes('read')
export const mayExport = ({ scopes }: Grant): boolean => scopes.includes('export')

/** A read of events: what it may find, or the statuses of its refusal. */
export function judgeRead(
  grant: Grant,
  tenant: string | undefined,
  filter: Filter,
  { world }: Means,
  scope = mayRead,
): Pick<Call, 'status' | 'atMost' | 'isWhole'> {
  if (!scope(grant)) return { status: [403] }
  // Of our own log the model knows nothing; other callers' searches stand in it.
  if (tenant === '_system' && covers(grant, tenant)) {
    return { status: [200, 404], atMost: world.entries }
  }
  const asked = resolve(grant, tenant, tenants)
  if (typeof asked === 'number') return { status: [asked, 400] }
  const atMost = listVisible(grant, asked, world.entries).filter(filter.test)
  return { status: [200], atMost, isWhole: true }
}

export const formatQuery = (parameters: Readonly<Record<string, string | undefined>>): string => {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}=${value.replaceAll(' ', '%20')}`],
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
