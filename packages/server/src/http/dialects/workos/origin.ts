import type { FastifyRequest } from 'fastify'

/**
 * Where the caller reached us, for links. That TLS ended before us, and under which name, is taken
 * from a trusted proxy alone (INDELIBLE_TRUSTED_PROXIES).
 */
export const formatOrigin = ({ protocol, host }: FastifyRequest): string =>
  `${protocol === 'https' ? 'https' : 'http'}://${host}`
