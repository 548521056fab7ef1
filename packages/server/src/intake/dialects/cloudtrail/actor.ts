import { dropAbsent, type JsonObject, membersOf } from '../../../base/json-object.ts'

/** A text that says something. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** `IAMUser` → `iam-user`, `AssumedRole` → `assumed-role`. Each place is looked at once. */
export const kebab = (name: string): string =>
  name.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase()

interface Identity {
  readonly type: string
  readonly id: string
  readonly name?: string | undefined
}

/** `arn:aws:sts::1:assumed-role/Role/session` → `Role/session`; `…:user/team/zoe` → `team/zoe`. */
const arnName = (arn: string | undefined): string | undefined => {
  const at = arn?.indexOf('/') ?? -1
  return at === -1 ? undefined : arn?.slice(at + 1)
}

/**
 * Who acted, by the name an auditor would type: the user name of an IAM or SAML user, `Role/session`
 * of an assumed role, the host of an AWS service, `root`.
 */
function identify(identity: JsonObject): Identity {
  const type = textOf(identity.type)
  const invokedBy = textOf(identity.invokedBy)
  const fallback =
    textOf(identity.principalId) ?? textOf(identity.accountId) ?? invokedBy ?? 'unknown'
  const userName = textOf(identity.userName)
  const fromArn = arnName(textOf(identity.arn))
  switch (type) {
    case undefined:
      return invokedBy === undefined
        ? { type: 'unknown', id: userName ?? fallback }
        : { type: 'aws-service', id: invokedBy }
    case 'AWSService':
      return { type: 'aws-service', id: invokedBy ?? fallback }
    case 'Root':
      return { type: 'root', id: 'root', name: userName }
    case 'AssumedRole':
      return { type: 'assumed-role', id: fromArn ?? fallback, name: fromArn?.split('/').at(-1) }
    default:
      return { type: kebab(type), id: userName ?? fromArn ?? fallback }
  }
}

/** Through which role a session was opened, or which AWS service called in someone's name. */
function findVia(identity: JsonObject, actor: Identity): JsonObject | undefined {
  const issuer = membersOf(membersOf(identity.sessionContext).sessionIssuer)
  const issuerId = textOf(issuer.arn) ?? textOf(issuer.principalId)
  if (issuerId !== undefined) {
    const type = kebab(textOf(issuer.type) ?? 'issuer')
    return dropAbsent({ type, id: issuerId, name: textOf(issuer.userName) })
  }
  const invokedBy = textOf(identity.invokedBy)
  return invokedBy === undefined || invokedBy === actor.id
    ? undefined
    : { type: 'aws-service', id: invokedBy }
}

/** For whom: the person behind a role session, where AWS was told. */
function findBehalf(identity: JsonObject): readonly JsonObject[] {
  const source = textOf(membersOf(identity.sessionContext).sourceIdentity)
  const person = textOf(membersOf(identity.onBehalfOf).userId)
  return [
    ...(source === undefined ? [] : [{ type: 'user', id: source }]),
    ...(person === undefined ? [] : [{ type: 'identity-center-user', id: person }]),
  ]
}

/**
 * `userIdentity` of a CloudTrail record (userguide: cloudtrail-event-reference-user-identity) as an
 * actor, and what of it the actor doesn't carry, which stays in `data.userIdentity`.
 */
export function mapActor(identity: JsonObject): { actor: JsonObject; rest: JsonObject } {
  const actor = identify(identity)
  const via = findVia(identity, actor)
  const behalf = findBehalf(identity)
  const { type: _, arn, principalId, accountId, accessKeyId, userName, ...others } = identity
  const { invokedBy: __, ...unsaid } = others
  const isService = actor.type === 'aws-service' || via?.type === 'aws-service'
  return {
    actor: dropAbsent({
      ...{ type: actor.type, id: actor.id, name: actor.name },
      arn: textOf(arn),
      principalId: textOf(principalId),
      accountId: textOf(accountId),
      accessKeyId: textOf(accessKeyId),
      userName: userName === actor.id ? undefined : textOf(userName),
      ...{ via, behalf: behalf.length === 0 ? undefined : behalf },
    }),
    rest: isService ? unsaid : others,
  }
}
