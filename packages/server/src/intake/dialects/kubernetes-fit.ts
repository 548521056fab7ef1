import { limits } from '@indelible/protocol'
import { isObject, type JsonObject, membersOf } from '../../base/json-object.ts'
import { isWellStructured } from '../structure.ts'
import { clip, fitRecord } from './tolerant-json.ts'

const textCharsMax = 4_096
/** Members of a record that is too large are kept only if they are smaller than this. */
const memberCharsMax = 16 * 1024
/** Redaction can make tens of characters of two, and what is reduced must have room for them. */
const reducedCharsMax = 1_000

/** What an event has room for, as kube-apiserver's own truncation has it. */
export function fitKubernetes(sent: JsonObject, text: string, isStrict: boolean): JsonObject {
  const isSmall = Buffer.byteLength(text) <= limits.recordBytesMax
  const kept = isSmall ? sent : truncate(sent)
  const isFit = isStrict && isWellStructured({ data: kept })
  return isFit ? kept : (fitRecord(kept, 2) as JsonObject) // an object stays one
}

function truncate(sent: JsonObject): JsonObject {
  const { requestObject: _, responseObject: __, annotations, ...others } = sent
  const members = Object.entries(others).map(([name, member]) => {
    if (typeof member === 'string') return [name, clip(member, textCharsMax)]
    return [name, isShort(member) ? member : null]
  })
  const annotated = isObject(annotations) && isShort(annotations) ? annotations : {}
  return { ...Object.fromEntries(members), annotations: { ...annotated, ...mark } }
}

const mark = { 'audit.k8s.io/truncated': 'true' }

/** Of a record that is too large once it is redacted: who asked for what, and how it ended. */
export function reduceKubernetes(item: JsonObject): JsonObject {
  const { user, impersonatedUser, objectRef, responseStatus, sourceIPs, annotations } = item
  const { code } = membersOf(responseStatus)
  const ip = readText(Array.isArray(sourceIPs) ? sourceIPs.at(-1) : undefined, reducedCharsMax)
  return {
    ...readTexts(item, ['level', 'auditID', 'stage', 'verb', 'requestURI', 'userAgent']),
    ...readTexts(item, ['requestReceivedTimestamp', 'stageTimestamp']),
    user: readTexts(user, ['username', 'uid']),
    ...(isObject(impersonatedUser)
      ? { impersonatedUser: readTexts(impersonatedUser, ['username', 'uid']) }
      : {}),
    objectRef: readTexts(objectRef, [
      ...['resource', 'subresource', 'namespace', 'name', 'uid', 'apiGroup'],
    ]),
    ...(typeof code === 'number' ? { responseStatus: { code } } : {}),
    ...(ip === undefined ? {} : { sourceIPs: [ip] }),
    annotations: { ...readTexts(annotations, ['authorization.k8s.io/decision']), ...mark },
  }
}

function readTexts(value: unknown, names: readonly string[]): JsonObject {
  const members = membersOf(value)
  const texts = names.flatMap((name) => {
    const text = readText(members[name], reducedCharsMax)
    return text === undefined ? [] : [[name, text]]
  })
  return Object.fromEntries(texts)
}

/** A text that says something, cut where it is too long. */
export function readText(value: unknown, charsMax: number): string | undefined {
  return typeof value === 'string' && value !== '' ? clip(value, charsMax) : undefined
}

const isShort = (value: unknown): boolean => (JSON.stringify(value) ?? '').length <= memberCharsMax
