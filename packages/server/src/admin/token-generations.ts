import { limits } from '@indelible/protocol'
import type { Directory } from './directory.ts'
import { put, type SettingRecord } from './records.ts'

/** Which keys tokens are signed with, counted from 1; each is derived from the same secret. */
export interface TokenGenerations {
  readonly current: number
  /** When the one in use began to sign, Unix milliseconds; undefined for the first. */
  readonly since?: number
  /** Those before it that are still accepted, and until when. */
  readonly former: readonly { readonly generation: number; readonly until: number }[]
}

const id = 'token-key'
const first: TokenGenerations = { current: 1, former: [] }

/** As administration keeps them. */
export function readTokenGenerations(directory: Pick<Directory, 'setting'>): TokenGenerations {
  const value = directory.setting(id)?.value
  return value === undefined ? first : JSON.parse(String(value)) // written by `putTokenGenerations`
}

export function putTokenGenerations(generations: TokenGenerations) {
  const record: SettingRecord = { id, value: JSON.stringify(generations) }
  return put('setting', id, record)
}

/** After this a token of a former key has expired by itself. */
const longestMs = Math.max(limits.sessionMsMax, limits.viewerTokenMsMax, limits.accessTokenMsMax)

/** The next generation; what came before is accepted until it has expired, or no more. */
export function followTokenGenerations(
  { current, former }: TokenGenerations,
  { revoke, now }: { readonly revoke: boolean; readonly now: number },
): TokenGenerations {
  const ended = { generation: current, until: now + longestMs }
  const accepted = [ended, ...former.filter(({ until }) => until > now)]
  return { current: current + 1, since: now, former: revoke ? [] : accepted }
}
