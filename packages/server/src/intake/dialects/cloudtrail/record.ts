import { dropAbsent, isObject, type JsonObject, membersOf } from '../../../base/json-object.ts'
import { mapActor, textOf } from './actor.ts'
import { mapTargets } from './targets.ts'

/** Members that have a place of their own in the event; all others stay in `data`, unchanged. */
const mappedMembers = new Set([
  'eventID',
  'eventTime',
  'eventName',
  'eventSource',
  'userIdentity',
  'sourceIPAddress',
  'userAgent',
  'requestID',
  'awsRegion',
  'recipientAccountId',
])
const resourceMembers = new Set(['ARN', 'type', 'accountId'])
const deniedCode = /AccessDenied|Unauthori[sz]ed|NotAuthori[sz]ed|Forbidden/i

const outcomeOf = (record: JsonObject): 'success' | 'failure' | 'denied' => {
  const code = record.errorCode
  if (typeof code === 'string' && code !== '') return deniedCode.test(code) ? 'denied' : 'failure'
  const hasFailed =
    Object.values(membersOf(record.responseElements)).includes('Failure') ||
    typeof record.errorMessage === 'string'
  return hasFailed ? 'failure' : 'success'
}

const mapContext = (record: JsonObject): JsonObject =>
  dropAbsent({
    ip: textOf(record.sourceIPAddress),
    agent: textOf(record.userAgent),
    request: textOf(record.requestID),
    region: textOf(record.awsRegion),
    account: textOf(record.recipientAccountId),
  })

/** `resources` are said by the targets, unless they say more than targets can. */
const isSaidByTargets = (resources: unknown): boolean =>
  Array.isArray(resources) &&
  resources.every(
    (resource) =>
      isObject(resource) &&
      typeof resource.ARN === 'string' &&
      Object.keys(resource).every((member) => resourceMembers.has(member)),
  )

function mapData(record: JsonObject, identity: JsonObject): JsonObject {
  const kept = Object.entries(record).filter(
    ([member, value]) =>
      !mappedMembers.has(member) && !(member === 'resources' && isSaidByTargets(value)),
  )
  return Object.fromEntries(
    Object.keys(identity).length === 0 ? kept : [['userIdentity', identity], ...kept],
  )
}

/** One CloudTrail record as an event, but for its `id`; undefined if it is none. */
export function mapRecord(record: JsonObject): JsonObject | undefined {
  const { eventSource, eventName, eventTime } = record
  if (typeof eventSource !== 'string' || typeof eventName !== 'string') return undefined
  const service = eventSource.replace(/\.amazonaws\.com(\.cn)?$/, '')
  const { actor, rest } = mapActor(membersOf(record.userIdentity))
  const targets = mapTargets(record, service)
  return dropAbsent({
    time: eventTime,
    action: `${service}.${eventName}`,
    actor,
    targets: targets.length === 0 ? undefined : targets,
    outcome: outcomeOf(record),
    source: 'aws.cloudtrail',
    context: mapContext(record),
    data: mapData(record, rest),
  })
}
