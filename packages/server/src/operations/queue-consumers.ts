import type { FastifyBaseLogger } from 'fastify'
import type { Administration } from '../admin/administration.ts'
import { resolveWriteTenant } from '../admin/resolve-tenants.ts'
import type { Clock } from '../base/clock.ts'
import { createUuidV7 } from '../base/ids.ts'
import type { Config } from '../config/read-config.ts'
import { describeRefusal } from '../http/problems.ts'
import type { Admission } from '../intake/admit.ts'
import {
  createQueueIntake,
  type QueueIntake,
  type QueueIntakeOptions,
} from '../intake/queues/start.ts'
import type { Keyring } from '../ledger/keyring.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createSystemEvent } from '../ledger/system-event.ts'

/** Consumers of brokers' queues: what they may write is in the settings, and recorded. */
export function createQueueConsumers(parts: {
  readonly config: Config
  readonly admission: Admission
  readonly append: QueueIntakeOptions['append']
  readonly administration: Pick<Administration, 'directory'>
  readonly ledger: Ledger
  readonly keyring: Keyring
  readonly clock: Clock
  readonly logger: FastifyBaseLogger
}): Promise<QueueIntake> {
  const { config, ledger, keyring, clock } = parts
  const { directory } = parts.administration
  return createQueueIntake({
    ...parts,
    queues: config.queues,
    // A message names no credential, whose check would learn what other nodes changed of the rules.
    beforeAdmit: async () => {
      if (!directory.isFresh()) await directory.catchUp().catch(() => undefined)
    },
    resolveTenant:
      ({ tenants }) =>
      (name) =>
        resolveWriteTenant(
          { kind: 'key', id: 'queue', name: 'queue', scopes: ['append'], tenants },
          name,
        ),
    announce: ({ broker, queue }, { tenants }) =>
      ledger.administer(
        [],
        createSystemEvent(
          {
            action: 'queue.opened',
            actor: { type: 'service', id: 'indelible' },
            targets: [{ type: 'queue', id: queue }],
            data: { broker, tenants },
          },
          clock(),
        ),
      ),
    describe: (refusal) => describeRefusal(refusal).problem,
    secret: keyring.deriveSecret('queue-ids'),
    createId: createUuidV7,
  })
}
