import { isObject, type JsonObject } from '../../../base/json-object.ts'
import { mapActor } from './actor.ts'
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
  const answer = isObject(record.responseElements) ? record.responseElements : {}
  const hasFailed =
    Object.values(answer).includes('Failure') || typeof record.errorMessage === 'string'
  return hasFailed ? 'failure' : 'success'
}

const mapContext = (record: JsonObject): JsonObject =>
  Object.fromEntries(
    (
      [
        ['ip', 'sourceIPAddress'],
        ['agent', 'userAgent'],
        ['request', 'requestID'],
        ['region', 'awsRegion'],
        ['account', 'recipientAccountId'],
      ] as const
    ).flatMap(([member, from]) =>
      typeof record[from] === 'string' && record[from] !== '' ? [[member, record[from]]] : [],
    ),
  )

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
  const identity = isObject(record.userIdentity) ? record.userIdentity : {}
  const { actor, rest } = mapActor(identity)
  const targets = mapTargets(record, service)
  return {
    time: eventTime,
    action: `${service}.${eventName}`,
    actor,
    ...(targets.length === 0 ? {} : { targets }),
    outcome: outcomeOf(record),
    source: 'aws.cloudtrail',
    context: mapContext(record),
    data: mapData(record, rest),
  }
}
