import { expect, test } from 'vitest'
import { mapRecord } from './record.ts'
import { parseArn } from './targets.ts'

const record = {
  eventVersion: '1.08',
  userIdentity: {
    type: 'IAMUser',
    principalId: 'AIDAEXAMPLE',
    arn: 'arn:aws:iam::111122223333:user/zoe',
    accountId: '111122223333',
    accessKeyId: 'AKIAEXAMPLE',
    userName: 'zoe',
  },
  eventTime: '2026-03-01T10:00:00Z',
  eventSource: 's3.amazonaws.com',
  eventName: 'GetBucketPolicy',
  awsRegion: 'eu-west-1',
  sourceIPAddress: '198.51.100.7',
  userAgent: 'aws-cli/2',
  requestParameters: { bucketName: 'ledger', policy: '' },
  responseElements: null,
  requestID: 'R1',
  eventID: '11111111-2222-3333-4444-555555555555',
  readOnly: true,
  recipientAccountId: '111122223333',
}

const idsOf = (event: ReturnType<typeof mapRecord>): readonly string[] =>
  (Array.isArray(event?.targets) ? event.targets : []).map(({ id }) => id)

test('a record says who did what, from where, on what, and keeps the rest', () => {
  expect(mapRecord(record)).toEqual({
    time: '2026-03-01T10:00:00Z',
    action: 's3.GetBucketPolicy',
    actor: {
      type: 'iam-user',
      id: 'zoe',
      arn: 'arn:aws:iam::111122223333:user/zoe',
      principalId: 'AIDAEXAMPLE',
      accountId: '111122223333',
      accessKeyId: 'AKIAEXAMPLE',
    },
    targets: [
      { type: 's3.bucket', id: 'ledger' },
      { type: 's3.bucket', id: 'arn:aws:s3:::ledger', name: 'ledger' },
    ],
    outcome: 'success',
    source: 'aws.cloudtrail',
    context: {
      ip: '198.51.100.7',
      agent: 'aws-cli/2',
      request: 'R1',
      region: 'eu-west-1',
      account: '111122223333',
    },
    data: {
      eventVersion: '1.08',
      requestParameters: { bucketName: 'ledger', policy: '' },
      responseElements: null,
      readOnly: true,
    },
  })
})

test.each([
  [{ errorCode: 'AccessDenied' }, 'denied'],
  [{ errorCode: 'Client.UnauthorizedOperation' }, 'denied'],
  [{ errorCode: 'AccessDeniedException' }, 'denied'],
  [{ errorCode: 'NoSuchBucketPolicy' }, 'failure'],
  [{ eventName: 'ConsoleLogin', responseElements: { ConsoleLogin: 'Failure' } }, 'failure'],
  [{ eventName: 'ConsoleLogin', responseElements: { ConsoleLogin: 'Success' } }, 'success'],
])('%o has the outcome %s', (changes, outcome) => {
  expect(mapRecord({ ...record, ...changes })?.outcome).toBe(outcome)
})

test('an assumed role is named by role and session, and goes through its role', () => {
  const arn = 'arn:aws:sts::111122223333:assumed-role/ops/zoe@example.com'
  const role = 'arn:aws:iam::111122223333:role/ops'
  const sessionContext = {
    sessionIssuer: { type: 'Role', arn: role, userName: 'ops' },
    sourceIdentity: 'zoe',
  }
  const userIdentity = { type: 'AssumedRole', principalId: 'AROA:zoe', arn, sessionContext }
  const event = mapRecord({ ...record, userIdentity })
  expect(event?.actor).toEqual({
    type: 'assumed-role',
    id: 'ops/zoe@example.com',
    name: 'zoe@example.com',
    arn,
    principalId: 'AROA:zoe',
    via: { type: 'role', id: role, name: 'ops' },
    behalf: [{ type: 'user', id: 'zoe' }],
  })
  expect(event?.data).toMatchObject({ userIdentity: { sessionContext } })
})

test.each([
  [{ type: 'AWSService', invokedBy: 'ec2.amazonaws.com' }, 'aws-service', 'ec2.amazonaws.com'],
  [{ accountId: '1', invokedBy: 'ec2.amazonaws.com' }, 'aws-service', 'ec2.amazonaws.com'],
  [{ type: 'Root', accountId: '1', arn: 'arn:aws:iam::1:root' }, 'root', 'root'],
  [{ type: 'SAMLUser', userName: 'zoe', principalId: 'p' }, 'saml-user', 'zoe'],
  [{ type: 'AWSAccount', accountId: '9', principalId: 'AIDA9' }, 'aws-account', 'AIDA9'],
  [{}, 'unknown', 'unknown'],
])('%o acts as %s %s', (userIdentity, type, id) => {
  expect(mapRecord({ ...record, userIdentity })?.actor).toMatchObject({ type, id })
})

test('a role is found by its plain name and by its ARN', () => {
  const roleArn = 'arn:aws:iam::111122223333:role/team/deploy'
  const assumed = mapRecord({ ...record, requestParameters: { roleArn, roleSessionName: 's' } })
  expect(idsOf(assumed)).toEqual([roleArn, 'deploy'])
  const deleted = mapRecord({ ...record, requestParameters: { roleName: 'deploy' } })
  expect(idsOf(deleted)).toEqual(['deploy'])
})

test('what a denied call was refused is a target, though the call has no parameters', () => {
  const errorMessage =
    'User: arn:aws:iam::1:user/zoe is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::1:role/admin'
  const changes = { errorCode: 'AccessDenied', errorMessage, requestParameters: null }
  expect(idsOf(mapRecord({ ...record, ...changes }))).toEqual([
    'arn:aws:iam::1:role/admin',
    'admin',
  ])
})

test('what a request lists and what an answer made are targets', () => {
  const requestParameters = {
    instancesSet: { items: [{ instanceId: 'i-1' }, { instanceId: 'i-2' }] },
  }
  const responseElements = { volumeId: 'vol-9', role: { arn: 'arn:aws:iam::1:role/made' } }
  expect(idsOf(mapRecord({ ...record, requestParameters, responseElements }))).toEqual([
    ...['i-1', 'i-2', 'arn:aws:iam::1:role/made', 'made'],
  ])
})

test.each([
  ['arn:aws:s3:::bucket', 's3.bucket', 'bucket'],
  ['arn:aws:s3:::bucket/a/b', 's3.object', 'bucket/a/b'],
  ['arn:aws:kms:eu-west-1:1:key/abc', 'kms.key', 'abc'],
  ['arn:aws:ssm:eu-west-1:1:parameter/app/key', 'ssm.parameter', '/app/key'],
  ['arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf', 'secretsmanager.secret', 'db'],
  ['arn:aws:sns:eu-west-1:1:topic', 'sns', 'topic'],
])('%s is %s %s', (arn, type, name) => {
  expect(parseArn(arn)).toEqual({ type, name })
})

test('whatever the caller of AWS chose is a record: names that objects have, and long ones', () => {
  const hostile = {
    ...record,
    userIdentity: { type: 'A'.repeat(4_000_000), userName: 'zoe' },
    eventSource: 'constructor.amazonaws.com',
    errorMessage: { toString: 1 },
    requestParameters: {
      ...{ toString: 'x', hasOwnProperty: 'y', name: 'z', bucketName: 'ledger' },
      [`${'x'.repeat(300)}Id`]: 'x',
    },
  }
  expect(idsOf(mapRecord(hostile))).toEqual(['ledger', 'arn:aws:s3:::ledger'])
})
