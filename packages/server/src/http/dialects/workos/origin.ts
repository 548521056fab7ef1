import type { FastifyRequest } from 'fastify'

/**
 * Where the caller reached us, for links. A proxy that ends TLS has to say so; who says it wrongly
 * gets a link that leads nowhere.
 */
export function formatOrigin({ headers, host }: FastifyRequest): string {
  const [scheme] = String(headers['x-forwarded-proto'] ?? '').split(',')
  return `${scheme?.trim() === 'https' ? 'https' : 'http'}://${host}`
}
