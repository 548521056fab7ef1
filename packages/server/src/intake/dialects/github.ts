import { dropAbsent, type JsonObject, membersOf } from '../../base/json-object.ts'
import type { RecordForm } from './records.ts'
import { clip } from './tolerant-json.ts'
import type { Draft } from './translation.ts'

const textCharsMax = 2_048
const yearTenThousandMs = 253_402_300_800_000

/** Whom and what an event is about, the nearest first. */
const targetTypes = {
  ...{ repo: 'repository', repository: 'repository', team: 'team', user: 'user' },
  ...{ org: 'organization', business: 'enterprise' },
}

/** Events of GitHub's audit log as it streams them; `_document_id` is the idempotency key. */
export const gitHub: RecordForm = {
  name: 'github',
  otherwise: 'Not an event of GitHub’s audit log: it has no action and no @timestamp.',
  map: mapGitHub,
  idOf: ({ _document_id: id }) => id,
  table: [
    ['/time', '/@timestamp'],
    ['/action', '/action'],
    ['/actor', '/actor'],
    ['/id', '/_document_id'],
    ['/context/ip', '/actor_ip'],
    ['/context/agent', '/user_agent'],
    ['/data', ''],
  ],
}

function mapGitHub(record: JsonObject): Draft | undefined {
  const { action } = record
  const time = readTime(record['@timestamp'] ?? record.created_at)
  if (typeof action !== 'string' || action === '' || time === undefined) return undefined
  const targets = readTargets(record)
  return dropAbsent({
    ...{ time, action, actor: readActor(record), outcome: readOutcome(action, record) },
    targets: targets.length === 0 ? undefined : targets,
    ...{ source: 'github', context: readContext(record), data: record },
  })
}

/** Milliseconds of Unix time; the API gives them as texts, too. */
function readTime(value: unknown): string | undefined {
  const unixMs = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  if (typeof unixMs === 'string') return unixMs
  if (typeof unixMs !== 'number' || unixMs < 0 || unixMs >= yearTenThousandMs) return undefined
  return new Date(unixMs).toISOString()
}

function readActor(record: JsonObject): object {
  const [login, number] = [readText(record.actor), readText(record.actor_id)]
  const id = login ?? number
  if (id === undefined) return { type: 'unknown', id: 'unknown' }
  const [access, token] = [readText(record.programmatic_access_type), readText(record.token_id)]
  return dropAbsent({
    ...{ type: record.actor_is_bot === true ? 'bot' : 'user', id },
    number: login === undefined ? undefined : number,
    // By which token, where it was none of the person's own sessions.
    via: access === undefined ? undefined : { type: 'token', id: token ?? access, name: access },
  })
}

function readTargets(record: JsonObject): readonly object[] {
  const found = new Map<string, object>()
  for (const [member, type] of Object.entries(targetTypes)) {
    const value = record[member]
    for (const one of Array.isArray(value) ? value.slice(0, 8) : [value]) {
      const id = readText(one)
      if (id !== undefined) found.set(`${type} ${id}`, { type, id })
    }
  }
  return [...found.values()]
}

/** GitHub tells what was done, and seldom what was not. */
function readOutcome(action: string, { status_code: status, conclusion }: JsonObject): string {
  if (/^protected_branch\.rejected/.test(action) || status === 401 || status === 403) {
    return 'denied'
  }
  const hasFailed = /failed_login/.test(action) || conclusion === 'failure'
  return hasFailed || (typeof status === 'number' && status >= 400) ? 'failure' : 'success'
}

const readContext = (record: JsonObject): JsonObject =>
  dropAbsent({
    ip: readText(record.actor_ip),
    agent: readText(record.user_agent),
    request: readText(record.request_id),
    method: readText(record.request_method),
    path: readText(record.url_path),
    country: readText(membersOf(record.actor_location).country_code),
  })

function readText(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || text === '') return undefined
  return clip(text, textCharsMax)
}
