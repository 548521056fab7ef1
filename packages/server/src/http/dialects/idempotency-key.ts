import type { FastifyRequest } from 'fastify'

/** The header `Idempotency-Key`, where it says something. */
export function readIdempotencyKey({ headers }: FastifyRequest): string | undefined {
  const { 'idempotency-key': key } = headers
  return typeof key === 'string' && key !== '' ? key : undefined
}
