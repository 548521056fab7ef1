import type { Fault } from '@indelible/protocol'
import type { FastifyRequest } from 'fastify'
import { appendPointer } from '../base/pointer.ts'
import { Refusal } from '../base/refusal.ts'
import type { Redactor } from '../intake/redact.ts'
import { redactQuery } from './redact-query.ts'

/** What administration keeps as it was typed, and shows again in lists and in `_system`. */
const keptMembers = ['name', 'username', 'tenant', 'tenants', 'filter']

/**
 * A secret typed where a name belongs must not be kept, and a name can't be redacted: others are
 * to find it again.
 * @throws Refusal `request-invalid`
 */
export function refuseSecrets(
  { body }: Pick<FastifyRequest, 'body'>,
  redact: Redactor['redact'],
): void {
  if (typeof body !== 'object' || body === null) return
  const errors = keptMembers.flatMap((name): Fault[] => {
    const value = Object.hasOwn(body, name) ? (body as Record<string, unknown>)[name] : undefined // JSON
    const texts = Array.isArray(value) ? value : [value]
    const clean = (text: string) => (name === 'filter' ? redactQuery(text, redact) : redact(text))
    const isSecret = texts.some((text) => typeof text === 'string' && clean(text) !== text)
    if (!isSecret) return []
    return [{ pointer: appendPointer('', name), detail: 'Holds what looks like a secret.' }]
  })
  if (errors.length === 0) return
  throw new Refusal('request-invalid', {
    detail: 'Nothing was kept: names are shown to others, and one holds what looks like a secret.',
    errors,
  })
}
