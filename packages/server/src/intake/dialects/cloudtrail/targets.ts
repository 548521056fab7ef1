import { limits } from '@indelible/protocol'
import { isObject, type JsonObject } from '../../../base/json-object.ts'
import { kebab } from './actor.ts'

export interface CloudTrailTarget {
  readonly type: string
  readonly id: string
  readonly name?: string
  readonly accountId?: string
}

const idCharsMax = 2_048
const typeCharsMax = 200
/** Parameters nest (`instancesSet.items[]`, `CreateFlowLogsRequest.…`), but not deeply. */
const walkDepthMax = 6

/** Parameters that name one thing in whichever service they appear. */
const parameterTypes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    bucketName: 's3.bucket',
    bucket: 's3.bucket',
    s3BucketName: 's3.bucket',
    roleName: 'iam.role',
    userName: 'iam.user',
    policyName: 'iam.policy',
    instanceProfileName: 'iam.instance-profile',
    instanceId: 'ec2.instance',
    imageId: 'ec2.image',
    groupId: 'ec2.security-group',
    keyId: 'kms.key',
    kmsKeyId: 'kms.key',
    secretId: 'secretsmanager.secret',
    functionName: 'lambda.function',
    tableName: 'dynamodb.table',
    logGroupName: 'logs.log-group',
    queueUrl: 'sqs.queue',
    stackName: 'cloudformation.stack',
    trailName: 'cloudtrail.trail',
    dBInstanceIdentifier: 'rds.db-instance',
  }),
)

/** What a bare `name` is the name of, by service. */
const namedTypes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ssm: 'ssm.parameter',
    secretsmanager: 'secretsmanager.secret',
    cloudtrail: 'cloudtrail.trail',
  }),
)

/** `hostedZoneId`, `clusterName`, `subnetIds`: the stem is the kind of thing. */
const idLike = /^([a-z][A-Za-z0-9]*?)(?:Name|Id|Identifier)s?$/
/** Named like a thing, but about the call and not what it touches. */
const aboutTheCall =
  /^(roleSession|display|attribute|version|request|client|host|owner|account|accessKey|file|agent|computer|resource|reservation|requester|shared|parent|external|session|type|platform)(Name|Id|Identifier)s?$/i
/** Conditions and secrets name no target. */
const passedOver = /filter|credentials|policy(Document)?$|tag/i
/** A denied call has no parameters; only its message says what it was refused. */
const refusedResource = /\bon resource: (arn:[^\s"']+)/

const arnPattern = /^arn:[^:\s]+:([^:\s]+):[^:\s]*:([^:\s]*):(\S+)$/

/** `AWS::EC2::SecurityGroup` → `ec2.security-group`. */
const resourceType = (type: unknown): string | undefined => {
  const match = typeof type === 'string' ? /^AWS::(\w+)::(\w+)$/.exec(type) : null
  return match?.[1] === undefined || match[2] === undefined
    ? undefined
    : `${match[1].toLowerCase()}.${kebab(match[2])}`
}

/** Type and plain name of what an ARN names: `…:iam::1:role/team/ops` is `iam.role` `ops`. */
export function parseArn(arn: string): { type: string; name: string } | undefined {
  const match = arnPattern.exec(arn)
  const [, service, account, resource] = match ?? []
  if (service === undefined || resource === undefined) return undefined
  // Buckets and objects are named without an account; access points and others with one.
  if (service === 's3' && account === '') {
    return { type: resource.includes('/') ? 's3.object' : 's3.bucket', name: resource }
  }
  const split = /^([^/:]+)([/:])(.+)$/.exec(resource)
  const [, kind, separator, rest] = split ?? []
  if (kind === undefined || rest === undefined) return { type: service, name: resource }
  const type = `${service}.${kind}`
  if (service === 'iam') return { type, name: rest.split('/').at(-1) ?? rest }
  // A parameter's name begins with the slash that its ARN has once.
  if (type === 'ssm.parameter' && rest.includes('/')) return { type, name: `${separator}${rest}` }
  if (type === 'secretsmanager.secret') return { type, name: rest.replace(/-\w{6}$/, '') }
  return { type, name: rest }
}

const partitionOf = (region: unknown): string => {
  if (typeof region !== 'string') return 'aws'
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** Gathers targets, each once, up to the event's bound. */
class TargetList {
  private readonly found = new Map<string, CloudTrailTarget>()
  private readonly partition: string

  constructor(partition: string) {
    this.partition = partition
  }

  add(target: CloudTrailTarget): void {
    const key = `${target.type} ${target.id}`
    // Parameters can be named by whoever calls: a target is left out sooner than a record refused.
    const fits =
      target.id !== '' && target.id.length <= idCharsMax && target.type.length <= typeCharsMax
    if (fits && !this.found.has(key) && this.found.size < limits.targetsMax) {
      this.found.set(key, target)
    }
  }

  /** A bucket's ARN follows from its name, so it is known even where the record leaves it out. */
  addNamed(type: string, id: string): void {
    this.add({ type, id })
    if (type === 's3.bucket') this.add({ type, id: `arn:${this.partition}:s3:::${id}`, name: id })
  }

  /** An ARN is found by itself and by the plain name in it. */
  addArn(arn: string, facts: { type?: string | undefined; accountId?: string | undefined }): void {
    const parsed = parseArn(arn)
    const type = facts.type ?? parsed?.type ?? 'aws.resource'
    const account = facts.accountId === undefined ? {} : { accountId: facts.accountId }
    this.add({ type, id: arn, ...(parsed === undefined ? {} : { name: parsed.name }), ...account })
    if (parsed !== undefined) this.add({ type, id: parsed.name })
  }

  list(): readonly CloudTrailTarget[] {
    return [...this.found.values()]
  }
}

interface Walk {
  readonly targets: TargetList
  readonly service: string
  /** Answers hold much that was not touched: only well-known names and ARNs count there. */
  readonly isAnswer: boolean
}

function typeOfParameter(name: string, depth: number, { service, isAnswer }: Walk) {
  if (name === 'groupName') return service === 'iam' ? 'iam.group' : 'ec2.security-group'
  const known = parameterTypes.get(name) ?? parameterTypes.get(name.replace(/s$/, ''))
  if (known !== undefined) return known
  if (isAnswer) return undefined
  if (name === 'name') return depth === 0 ? namedTypes.get(service) : undefined
  const stem = aboutTheCall.test(name) ? undefined : idLike.exec(name)?.[1]
  return stem === undefined ? undefined : `${service}.${kebab(stem)}`
}

function visit(walk: Walk, name: string, value: unknown, depth: number): void {
  if (depth > walkDepthMax || passedOver.test(name)) return
  if (typeof value === 'string') {
    const type = typeOfParameter(name, depth, walk)
    if (arnPattern.test(value)) walk.targets.addArn(value, {})
    else if (type !== undefined && value !== '') walk.targets.addNamed(type, value)
  } else if (Array.isArray(value)) {
    for (const element of value) visit(walk, name, element, depth + 1)
  } else if (isObject(value)) {
    // EC2 writes some scalars as { tag, content }.
    if (typeof value.content === 'string') visit(walk, lowerFirst(name), value.content, depth)
    else visitMembers(walk, value, depth + 1)
  }
}

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)

function visitMembers(walk: Walk, members: JsonObject, depth: number): void {
  for (const [name, value] of Object.entries(members)) visit(walk, name, value, depth)
}

/**
 * What a CloudTrail record touched: its `resources`, what its request names, and what its answer
 * made. Buckets, roles and all else with an ARN are found by the ARN and by the plain name, so that
 * `target:my-bucket` is everything that touched it.
 */
export function mapTargets(record: JsonObject, service: string): readonly CloudTrailTarget[] {
  const targets = new TargetList(partitionOf(record.awsRegion))
  const resources = Array.isArray(record.resources) ? record.resources : []
  for (const resource of resources.filter(isObject)) {
    const { ARN: arn, accountId, type } = resource
    if (typeof arn !== 'string') continue
    targets.addArn(arn, {
      type: resourceType(type),
      accountId: typeof accountId === 'string' ? accountId : undefined,
    })
  }
  const request = record.requestParameters
  if (isObject(request)) {
    const { bucketName, key } = request
    if (typeof bucketName === 'string' && typeof key === 'string') {
      targets.add({ type: 's3.object', id: `${bucketName}/${key}` })
    }
    visitMembers({ targets, service, isAnswer: false }, request, 0)
  }
  const { errorMessage } = record
  const refused =
    typeof errorMessage === 'string' ? refusedResource.exec(errorMessage)?.[1] : undefined
  if (refused !== undefined) targets.addArn(refused, {})
  for (const member of ['serviceEventDetails', 'responseElements', 'additionalEventData']) {
    const answer = record[member]
    const isAnswer = member !== 'serviceEventDetails'
    if (isObject(answer)) visitMembers({ targets, service, isAnswer }, answer, 0)
  }
  return targets.list()
}
