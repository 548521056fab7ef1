import express, { type RequestHandler } from 'express'
import { Refusal } from '../refusal.ts'

const bodyBytesMax = 16 * 1024
const parse = express.json({ limit: bodyBytesMax, strict: false })

/** Parses a body of JSON; what says that it is something else is refused, not ignored. */
export const readJson: RequestHandler = (request, response, next) => {
  const isEmpty = request.get('content-length') === '0'
  if (!isEmpty && request.is('application/json') === false) {
    throw new Refusal('media-type-unsupported', 'The body must be application/json.')
  }
  parse(request, response, next)
}
