import { fastify } from 'fastify'
import type { App } from '../../packages/server/src/http/app.ts'
import { registerDialects } from '../../packages/server/src/http/dialects/register.ts'

/** Of routes under several prefixes, the one that the tests go by. */
const otherPrefix = /^(?=\/(?:publisher|viewer)\/)/
/** Answered before a body is read: preflights, and what refuses the rest of WorkOS's addresses. */
const bodyless = /^(?:HEAD|OPTIONS) |^[A-Z]+ \/(?:audit_logs|organizations|portal)\/\*$/

/** Every route of every dialect, as `GET /event/:id`. */
export async function listDialectRoutes(): Promise<readonly string[]> {
  const routes = new Set<string>()
  await using app = fastify()
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.add(`${one} ${url.replace(otherPrefix, '/auditlog')}`)
  })
  const parts = { authenticator: { hookFor: () => () => undefined }, otlpAudit: true }
  // Nothing else of either is looked at before a request comes.
  registerDialects(app as unknown as App, parts as never)
  await app.ready()
  return [...routes].filter((route) => !bodyless.test(route))
}
