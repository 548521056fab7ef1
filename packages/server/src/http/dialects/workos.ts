import type { RetentionPeriods } from '../../admin/retention-periods.ts'
import type { Schemas } from '../../admin/schemas.ts'
import type { ViewerTokens } from '../../admin/viewer-tokens.ts'
import { Refusal } from '../../base/refusal.ts'
import { translateWorkos } from '../../intake/dialects/workos.ts'
import type { App } from '../app.ts'
import {
  type Dialect,
  type DialectParts,
  type DialectScope,
  openDialect,
  undocumented,
} from './dialect.ts'
import { readIdempotencyKey } from './idempotency-key.ts'
import { describeWorkos } from './workos/describe-refusal.ts'
import { registerWorkosCsv, registerWorkosExports } from './workos/exports.ts'
import { registerWorkosOrganizations } from './workos/organizations.ts'
import { createPatience } from './workos/patience.ts'
import { registerWorkosSchemas } from './workos/schemas.ts'

export interface WorkosParts extends DialectParts {
  readonly schemas: Schemas
  readonly retentionPeriods: RetentionPeriods
  readonly viewerTokens: ViewerTokens
}

const workos: Dialect = {
  name: 'workos',
  // They try again what says it timed out. 429 and 503 they don't: we waited, and it is not mended yet.
  statuses: { 429: 504, 503: 504 },
  describeRefusal: describeWorkos,
}

/** Audit Logs of WorkOS, at the bare address: its clients know no prefix. */
export function registerWorkos(app: App, parts: WorkosParts): void {
  openDialect(app, parts, workos, (dialect) => {
    registerEvents(dialect)
    registerWorkosExports(dialect, parts)
    registerWorkosSchemas(dialect, parts)
    registerWorkosOrganizations(dialect, parts)
    refuseOthers(dialect)
  })
  registerWorkosCsv(app, parts)
}

function registerEvents({ scope, route, readJson, submit }: DialectScope): void {
  const { persist, soften } = createPatience()
  const patient = { ...route, onRequest: soften(route.onRequest) }
  scope.post('/audit_logs/events', patient, async (request, reply) => {
    const translation = translateWorkos(await readJson(request), readIdempotencyKey(request))
    await persist(() => submit(request, translation))
    // The same for a repeat: whoever missed the first answer gets it now.
    return reply.code(201).send({ success: true })
  })
}

/** What its clients can't read they take for a fault of the network: also of what we don't have. */
function refuseOthers({ scope }: DialectScope): void {
  for (const path of ['/audit_logs', '/organizations', '/portal']) {
    scope.all(`${path}/*`, {
      ...undocumented,
      onRequest: ({ method }, _, done) =>
        done(new Refusal('route-unknown', { detail: `There is no such route for ${method}.` })),
      handler: async () => undefined,
    })
  }
}
