import type { DeadLetter, QueueMessage } from '../source.ts'

/** A message as the tests' own broker has it, and what became of it. */
export interface TestMessage extends QueueMessage {
  readonly acknowledged: boolean
  readonly letters: readonly DeadLetter[]
}

export const event = { action: 'order.paid', actor: { id: 'u_1' } }

export function createMessage(
  body: unknown,
  options: Partial<QueueMessage> = {},
): TestMessage & { acknowledged: boolean; letters: DeadLetter[] } {
  const letters: DeadLetter[] = []
  return {
    body: Buffer.from(JSON.stringify(body)),
    contentType: 'application/json',
    contentEncoding: undefined,
    messageId: undefined,
    position: undefined,
    marks: '',
    publishedMs: undefined,
    deliveriesBefore: 0,
    letters,
    acknowledged: false,
    acknowledge() {
      this.acknowledged = true
    },
    async deadLetter(letter) {
      letters.push(letter)
    },
    ...options,
  }
}
