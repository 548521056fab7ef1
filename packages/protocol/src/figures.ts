import { type Static, Type } from 'typebox'
import { orNull } from './or-null.ts'

const Count = Type.Integer({ minimum: 0 })
const Bytes = Count

/** One queue that events are taken from. */
export const QueueState = Type.Object({
  broker: Type.String(),
  queue: Type.String(),
  connected: Type.Boolean(),
  ready: Type.Integer({ minimum: 0, description: 'Messages waiting at the broker.' }),
  held: Count,
  oldestAgeS: Type.Number({ minimum: 0 }),
  consumed: Count,
  deadLettered: Count,
  redelivered: Count,
  waitsFor: orNull(Type.String()),
})

/** How the service is, in figures: of the process that answers, and of the store. */
export const ServiceFigures = Type.Object({
  version: Type.String(),
  node: Type.String({ description: 'Version of Node.js.' }),
  started: Type.String({ description: 'RFC 3339.' }),
  ready: Type.Boolean(),
  store: Type.Object({
    kind: Type.String({ description: '`sqlite` or `postgres`.' }),
    where: Type.String({ description: 'A folder, or a database without user and password.' }),
    bytes: orNull(Bytes, 'Of the folder’s databases or the database; null: not to be had.'),
  }),
  logs: Count,
  entries: Count,
  appended: Type.Integer({ minimum: 0, description: 'Since the start, by this process.' }),
  rate: Type.Number({ minimum: 0, description: 'Entries a second, over the last minute.' }),
  intake: Type.Object({
    bytes: Type.Integer({ minimum: 0, description: 'Accepted and not yet durable.' }),
    bytesMax: Bytes,
    stopped: orNull(Type.String(), 'Why nothing more is appended.'),
  }),
  index: Type.Object({
    behind: Type.Integer({ minimum: 0, description: 'Entries not yet indexed.' }),
    behindMax: Count,
  }),
  queues: Type.Array(QueueState),
  signing: Type.Object({
    signs: Type.Boolean({ description: 'Of several nodes, one does.' }),
    refusals: Type.Array(Type.Object({ tenant: Type.String(), reason: Type.String() })),
  }),
  memory: Type.Object({ rss: Bytes, heap: Bytes }),
})
export type ServiceFigures = Static<typeof ServiceFigures>
