import { createFaultList, type FaultList } from '../../base/fault-list.ts'
import { dropAbsent, isObject, type JsonObject, membersOf } from '../../base/json-object.ts'
import { assertBatchSize } from '../body.ts'
import { markBackfilled } from './backfilled.ts'
import { digestContent } from './event-id.ts'
import { fitKubernetes, readText, reduceKubernetes } from './kubernetes-fit.ts'
import { parseTolerantJson } from './tolerant-json.ts'
import type { Draft, PointerTable, Translation } from './translation.ts'

const idCharsMax = 2_048
const textCharsMax = 4_096

/** A verb is any HTTP method in small letters: callers choose it. */
const verbs = /^[a-z]{1,32}$/
/**
 * A resource is any step of a path: callers choose that, too. An action that looks like a secret is
 * refused, so none of what could look like one (digits in a row, a vendor's prefix) gets there, nor
 * what has more characters than a resource's name, of which an action has room for two.
 */
const names =
  /^(?=.{1,63}$)(?!xox.-|xapp-|sk-|glpat-|pypi-|.*\d{4})[a-z][a-z0-9]{0,62}(?:-[a-z][a-z0-9]{0,30}){0,3}$/

const table: PointerTable = [
  ['/time', '/requestReceivedTimestamp'],
  ['/actor', '/user'],
  ['/targets', '/objectRef'],
  ['/context/agent', '/userAgent'],
  ['/context/path', '/requestURI'],
  ['/data', ''],
]

/**
 * The body of kube-apiserver's audit webhook: an `EventList` of `audit.k8s.io/v1`
 * (k8s.io/apiserver, pkg/apis/audit/v1/types.go).
 *
 * It tries a batch five times and then drops it, whatever the answer. Most of an event is what
 * somebody asked of the API server, its `auditID` included, who need not be anybody: none of that
 * may get a batch refused, or one request would wipe out the traces of others.
 * @param secret for ids
 * @throws Refusal `json-malformed` `event-invalid`
 */
export function translateKubernetes(body: Buffer, nowMs: number, secret: Uint8Array): Translation {
  const { value, isStrict } = parseTolerantJson(body)
  const faults = createFaultList()
  const items = readItems(value, faults)
  const events = items.map((item, n): Draft => {
    if (!isObject(item)) faults.add(`/items/${n}`, 'An audit event is a JSON object.')
    else {
      for (const name of ['auditID', 'stage', 'verb']) {
        if (typeof item[name] !== 'string') faults.add(`/items/${n}/${name}`, 'must be a text')
      }
      if (faults.count === 0) {
        const text = JSON.stringify(item)
        // Not `auditID`: callers may name it (header `Audit-ID`), and could name another's.
        const id = digestContent(text, secret)
        return toDraft(fitKubernetes(item, text, isStrict), id, nowMs)
      }
    }
    return {}
  })
  faults.assertEmpty()
  return {
    events,
    lesserOf(n) {
      const { data, id } = events[n] ?? {}
      const lesser = toDraft(reduceKubernetes(membersOf(data)), id, nowMs)
      return [lesser, { ...lesser, action: 'other' }]
    },
    pointerOf: (n) => `/items/${n}`,
    tableOf: () => table,
  }
}

function readItems(value: unknown, faults: FaultList): readonly unknown[] {
  if (!isObject(value) || value.kind !== 'EventList') {
    faults.add('', 'Send an EventList of audit.k8s.io/v1, as kube-apiserver does.')
  } else if (value.apiVersion !== 'audit.k8s.io/v1') {
    faults.add('/apiVersion', 'must be audit.k8s.io/v1')
  } else if (!Array.isArray(value.items ?? [])) faults.add('/items', 'must be an array')
  else {
    const items = (value.items ?? []) as readonly unknown[] // an array, as was seen
    assertBatchSize(items.length)
    return items
  }
  return []
}

function toDraft(item: JsonObject, id: unknown, nowMs: number): Draft {
  const time = item.requestReceivedTimestamp ?? item.stageTimestamp ?? undefined
  const targets = readTargets(item)
  return dropAbsent({
    action: readAction(item),
    actor: readActor(item),
    ...{ id, time, targets: targets.length === 0 ? undefined : targets },
    outcome: readOutcome(item),
    source: 'kubernetes',
    context: { ...readContext(item), ...markBackfilled(time, nowMs) },
    data: item,
  })
}

function readAction(item: JsonObject): string {
  const { verb } = item
  const { resource, subresource } = membersOf(item.objectRef)
  const steps = [verbs.test(String(verb)) ? verb : 'other']
  for (const name of [resource, subresource]) {
    if (typeof name === 'string' && name !== '') steps.push(names.test(name) ? name : 'other')
  }
  return steps.join('.')
}

/** Who really asked; whom they asked as stands behind it. */
function readActor(item: JsonObject): object {
  const impersonated = membersOf(item.impersonatedUser)
  const behalf = impersonated.username === undefined ? {} : { behalf: [readUser(impersonated)] }
  return { ...readUser(membersOf(item.user)), ...behalf }
}

function readUser({ username, uid }: JsonObject): object {
  const id = readText(username, idCharsMax)
  if (id === undefined) return { type: 'unknown', id: 'unknown' }
  return dropAbsent({ type: typeOfUser(id), id, uid: readText(uid, idCharsMax) })
}

function typeOfUser(username: string): string {
  if (username.startsWith('system:serviceaccount:')) return 'service-account'
  if (username.startsWith('system:node:')) return 'node'
  return username.startsWith('system:') ? 'system' : 'user'
}

/** The object, by `namespace/name` and by its name, and its namespace; or the path of no object. */
function readTargets(item: JsonObject): readonly object[] {
  const { resource, namespace, name, apiGroup, uid } = membersOf(item.objectRef)
  const kind = readText(resource, 100)
  if (kind === undefined) {
    const path = readText(item.requestURI, textCharsMax)?.replace(/\?.*$/s, '')
    const id = path === undefined ? undefined : readText(path, idCharsMax)
    return id === undefined ? [] : [{ type: 'url', id }]
  }
  const group = readText(apiGroup, 99)
  const within = readText(namespace, 1_000)
  const called = readText(name, 1_000)
  const uniqueId = readText(uid, idCharsMax)
  const type = group === undefined ? kind : `${kind}.${group}`
  const facts = uniqueId === undefined ? {} : { uid: uniqueId }
  // Of a namespace, both are its own name.
  const isWithin = within !== undefined && kind !== 'namespaces'
  return [
    ...(isWithin && called !== undefined
      ? [{ type, id: `${within}/${called}`, name: called, ...facts }]
      : []),
    ...(called === undefined ? [] : [{ type, id: called, ...(isWithin ? {} : facts) }]),
    ...(isWithin ? [{ type: 'namespaces', id: within }] : []),
  ]
}

function readOutcome({ stage, responseStatus, annotations }: JsonObject): string {
  if (stage === 'RequestReceived') return 'unknown'
  if (stage === 'Panic') return 'failure'
  const { code } = membersOf(responseStatus)
  const isForbidden = membersOf(annotations)['authorization.k8s.io/decision'] === 'forbid'
  if (code === 401 || code === 403 || isForbidden) return 'denied'
  if (typeof code !== 'number' || code === 0) return 'unknown'
  return code < 400 ? 'success' : 'failure'
}

function readContext(item: JsonObject): JsonObject {
  const { sourceIPs } = item
  // All but the last come from headers that callers write.
  const ip: unknown = Array.isArray(sourceIPs) ? sourceIPs.at(-1) : undefined
  return dropAbsent({
    ip: readText(ip, textCharsMax),
    agent: readText(item.userAgent, textCharsMax),
    request: readText(item.auditID, textCharsMax),
    path: readText(item.requestURI, textCharsMax),
    stage: readText(item.stage, textCharsMax),
  })
}
