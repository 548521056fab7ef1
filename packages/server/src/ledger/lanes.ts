import { type Head, limits, systemTenant } from '@indelible/protocol'
import { createAppendQueue } from './append-queue.ts'
import type { AppendOutcome, AppendRequest } from './append-request.ts'

/** Lanes beside that of `_system`: as many groups of other logs are committed at once. */
const laneCount = 4

/**
 * Append queues side by side, for a store that takes several transactions at once: each log has its
 * lane, so that one whose head is held (by a node that was stopped, say) holds up only those that
 * share it. `_system` has its own: every read and every act waits for it.
 */
export function createLanes(options: {
  readonly commit: (requests: readonly AppendRequest[]) => Promise<readonly AppendOutcome[]>
}) {
  // A share of what one queue may hold, and room for the largest body beside it: a lane that is
  // never empty would refuse that for ever.
  const bytesMax = limits.appendQueueBytesMax / laneCount + limits.bodyBytesMax
  const create = () => createAppendQueue({ commit: options.commit, bytesMax })
  const system = create()
  const lanes = Array.from({ length: laneCount }, create)
  const all = [system, ...lanes]
  const laneOf = ({ events: [first] }: AppendRequest) =>
    first === undefined || first.tenant === systemTenant
      ? system
      : (lanes[hashName(first.tenant) % laneCount] ?? system)
  return {
    /** @throws Refusal `pushback`, and what the writer refuses or fails with */
    append: (request: AppendRequest): Promise<Head[]> => laneOf(request).append(request),
    get bytesHeld() {
      return all.reduce((sum, { bytesHeld }) => sum + bytesHeld, 0)
    },
    bytesMax: bytesMax * all.length,
    get ageMs() {
      return Math.max(...all.map(({ ageMs }) => ageMs))
    },
    /** Resolves when everything accepted has been answered. */
    async drain(): Promise<void> {
      await Promise.all(all.map((lane) => lane.drain()))
    },
  }
}

/** FNV-1a, 32 bits: any spread will do. */
function hashName(name: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < name.length; at++) {
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193)
  }
  return hash >>> 0
}
