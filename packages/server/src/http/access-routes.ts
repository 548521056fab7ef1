import type { Administration } from '../admin/administration.ts'
import type { PreviewEvent } from '../intake/preview.ts'
import type { Redactor } from '../intake/redact.ts'
import type { App } from './app.ts'
import type { Authenticator } from './authenticate.ts'
import { refuseSecrets } from './refuse-secrets.ts'
import { registerChangePassword } from './routes/change-password.ts'
import { registerChangeUser } from './routes/change-user.ts'
import { registerCheckSchema } from './routes/check-schema.ts'
import { registerCreateKey } from './routes/create-key.ts'
import { registerCreateTenant } from './routes/create-tenant.ts'
import { registerCreateToken } from './routes/create-token.ts'
import { registerCreateUser } from './routes/create-user.ts'
import { registerListKeys } from './routes/list-keys.ts'
import { registerListRedaction } from './routes/list-redaction.ts'
import { registerListSchemas } from './routes/list-schemas.ts'
import { registerListTenants } from './routes/list-tenants.ts'
import { registerListUsers } from './routes/list-users.ts'
import { registerLogIn } from './routes/log-in.ts'
import { registerLogOut } from './routes/log-out.ts'
import { registerPreviewRedaction } from './routes/preview-redaction.ts'
import { registerPutRedactionRule } from './routes/put-redaction-rule.ts'
import { registerReadSession } from './routes/read-session.ts'
import { registerRemoveRedactionRule } from './routes/remove-redaction-rule.ts'
import { registerRemoveSchema } from './routes/remove-schema.ts'
import { registerRemoveUser } from './routes/remove-user.ts'
import { registerRevokeKey } from './routes/revoke-key.ts'
import { registerRotateLogKey } from './routes/rotate-log-key.ts'
import { registerRotateTokenKey } from './routes/rotate-token-key.ts'
import { registerSetSchema } from './routes/set-schema.ts'
import { registerSwitchRedactionRule } from './routes/switch-redaction-rule.ts'

type AccessParts = Pick<
  Administration,
  | 'directory'
  | 'keys'
  | 'ownPassword'
  | 'redaction'
  | 'schemas'
  | 'sessions'
  | 'signingKeys'
  | 'tenants'
  | 'users'
  | 'viewerTokens'
> & {
  readonly authenticator: Authenticator
  /** Takes secrets out of a text; told by whether it changed it. */
  readonly redact: Redactor['redact']
  readonly previewEvent: PreviewEvent
}

/** Log-in, and whatever is administered. */
export function registerAccessRoutes(app: App, parts: AccessParts): void {
  registerLogIn(app, parts)
  app.register(async (scope) => {
    scope.addHook('preHandler', async (request) => {
      refuseSecrets(request, parts.redact)
      // What one node did is seen by the next request, through any other.
      await parts.directory.catchUp()
    })
    registerAdministrationRoutes(scope, parts)
  })
}

function registerAdministrationRoutes(app: App, parts: AccessParts): void {
  registerLogOut(app, parts)
  registerReadSession(app, parts)
  registerChangePassword(app, parts)
  registerCreateToken(app, parts)
  registerCreateKey(app, parts)
  registerListKeys(app, parts)
  registerRevokeKey(app, parts)
  registerCreateUser(app, parts)
  registerListUsers(app, parts)
  registerChangeUser(app, parts)
  registerRemoveUser(app, parts)
  registerListTenants(app, parts)
  registerCreateTenant(app, parts)
  registerListRedaction(app, parts)
  registerPutRedactionRule(app, parts)
  registerRemoveRedactionRule(app, parts)
  registerSwitchRedactionRule(app, parts)
  registerPreviewRedaction(app, parts)
  registerListSchemas(app, parts)
  registerSetSchema(app, parts)
  registerRemoveSchema(app, parts)
  registerCheckSchema(app, parts)
  registerRotateLogKey(app, parts)
  registerRotateTokenKey(app, parts)
}
