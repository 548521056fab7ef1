import { createHash, timingSafeEqual } from 'node:crypto'
import type { RequestHandler } from 'express'
import { Refusal } from '../refusal.ts'

/** Somebody who may use this application, and how we know. */
export interface Operator {
  readonly name: string
  readonly key: string
}

/** Lets operators pass, by `Authorization: Bearer <key>`, and nobody else. */
export function createAuthentication(operators: readonly Operator[]): RequestHandler {
  const known = operators.map(({ name, key }) => ({ name, digest: digest(key) }))
  return (request, response, next) => {
    const header = request.get('authorization')
    if (header === undefined) {
      throw new Refusal('credentials-missing', 'Send `Authorization: Bearer <your API key>`.')
    }
    const [, key] = /^Bearer +(\S+)$/i.exec(header) ?? []
    if (key === undefined) throw unknownKey()
    const given = digest(key)
    // All are compared, each in constant time: how long it takes tells nothing.
    const [operator] = known.filter((candidate) => timingSafeEqual(candidate.digest, given))
    if (operator === undefined) throw unknownKey()
    response.locals.operator = operator.name
    next()
  }
}

const unknownKey = () => new Refusal('credentials-invalid', 'This API key is not known.')

const digest = (key: string): Buffer => createHash('sha256').update(key).digest()
