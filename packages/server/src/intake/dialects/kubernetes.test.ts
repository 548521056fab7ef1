import { expect, test } from 'vitest'
import { translateKubernetes } from './kubernetes.ts'

test('an event’s id tells nothing of what redaction takes to who has no secret of the service', () => {
  const item = { auditID: 'a', stage: 's', verb: 'create', requestObject: { pin: '1234' } }
  const list = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [item] }
  const translate = (secret: string) =>
    translateKubernetes(Buffer.from(JSON.stringify(list)), 0, Buffer.from(secret)).events[0]?.id
  expect(translate('one')).toBe(translate('one'))
  expect(translate('one')).not.toBe(translate('another'))
})
