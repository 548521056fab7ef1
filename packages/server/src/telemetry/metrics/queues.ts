import { Counter, Gauge, type Registry } from 'prom-client'
import type { QueueFigures } from '../../intake/queues/tally.ts'

/** One series for each queue in the settings: none of them comes from a message. */
export function registerQueues(
  registry: Registry,
  readQueues: () => readonly QueueFigures[],
): void {
  const describe = (name: string, help: string) => ({
    ...{ name: `indelible_queue_${name}`, help, registers: [registry] },
    labelNames: ['broker', 'queue'] as const,
  })
  const gauge = (name: string, help: string, read: (figures: QueueFigures) => number) =>
    new Gauge({
      ...describe(name, help),
      collect() {
        for (const figures of readQueues()) {
          const { broker, queue } = figures
          this.set({ broker, queue }, read(figures))
        }
      },
    })
  const counter = (name: string, help: string, read: (figures: QueueFigures) => number) =>
    new Counter({
      ...describe(name, help),
      collect() {
        this.reset()
        for (const figures of readQueues()) {
          const { broker, queue } = figures
          this.inc({ broker, queue }, read(figures))
        }
      },
    })
  gauge('connected', '1 while events are taken from the queue.', (f) => Number(f.connected))
  gauge('ready_messages', 'Messages waiting at the broker.', (f) => f.ready)
  gauge('held_messages', 'Messages taken and not acknowledged yet.', (f) => f.held)
  gauge(
    'oldest_message_age_seconds',
    'Since the oldest message held was published, where it says when.',
    (f) => f.oldestAgeS,
  )
  counter('consumed_messages_total', 'Messages appended.', (f) => f.consumed)
  counter('dead_lettered_messages_total', 'Messages refused.', (f) => f.deadLettered)
  counter('redelivered_messages_total', 'Messages handed over again.', (f) => f.redelivered)
}
