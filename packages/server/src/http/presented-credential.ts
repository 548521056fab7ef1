import { limits } from '@indelible/protocol'
import type { FastifyRequest } from 'fastify'
import { Refusal } from '../base/refusal.ts'

/** How the callers of a dialect present what we call a bearer credential. */
export interface CredentialForms {
  /** Forms of the `Authorization` header, the first that fits; group 1 is the credential. */
  readonly header: readonly RegExp[]
  /** A parameter of the URL: only where a specification demands it. */
  readonly parameter?: string
}

/** `Authorization: Bearer x`, the scheme being case-insensitive (RFC 9110 §11.1). */
export const bearer = /^bearer +([^ ].*)$/i
/** `Authorization: x` */
export const bare = /^([^ ].*)$/

/** @returns what follows `Bearer` */
export const parseBearer = (header: string): string | undefined => parseForm(header, bearer)

/**
 * The credential of a request, which is not verified yet. In the URL it is taken out of the
 * parameters, so that nothing behind us can keep it.
 * @throws Refusal `credentials-missing`; `credentials-invalid` where there are two, or none of a
 *   known form
 */
export function readPresented(request: FastifyRequest, forms: CredentialForms): string {
  if (isRepeated(request.raw.rawHeaders)) throw refuseInvalid()
  const header = request.headers.authorization ?? ''
  const parameter = takeParameter(request, forms.parameter)
  if (header === '' && parameter === undefined) throw refuseMissing()
  // Which one was meant is not ours to guess (RFC 6750 §2).
  if (header !== '' && parameter !== undefined) throw refuseInvalid()
  if (typeof parameter === 'string' && parameter.length <= limits.tokenCharsMax) return parameter
  for (const form of parameter === undefined ? forms.header : []) {
    const presented = parseForm(header, form)
    if (presented !== undefined) return presented
  }
  throw refuseInvalid()
}

/** Node keeps the first header and drops the others; which one was meant is not ours to guess. */
export function isRepeated(rawHeaders: readonly string[]): boolean {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 13 && name.toLowerCase() === 'authorization') count += 1
  }
  return count > 1
}

export const refuseMissing = (): Refusal =>
  new Refusal('credentials-missing', {
    detail: 'Send "Authorization: Bearer <API key, session or viewer token>".',
  })

export const refuseInvalid = (): Refusal =>
  new Refusal('credentials-invalid', {
    detail: 'The credential is not valid: unknown, malformed, expired or revoked.',
  })

function parseForm(header: string, form: RegExp): string | undefined {
  if (header.length > limits.tokenCharsMax + 'Bearer '.length) return undefined
  return form.exec(header)?.[1]
}

function takeParameter(request: FastifyRequest, name: string | undefined) {
  if (name === undefined) return undefined
  const parameters = request.query as Record<string, string | string[] | undefined> // of app.ts
  const { [name]: value } = parameters
  delete parameters[name]
  return value
}
