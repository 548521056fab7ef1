import type { Problem } from '@indelible/protocol'

/**
 * What a broker must offer to be a way in. Another broker is one more file that implements
 * `QueueSource`; what is done with the messages is in `consume.ts` and knows no broker.
 */
export interface QueueSource {
  /** For metrics and people: `amqp`, `nats`. */
  readonly broker: string
  /** Name of the queue, or of the stream. */
  readonly queue: string
  /**
   * Connects, makes what is missing of queue and dead-letter queue, and begins to deliver.
   * @throws QueueMismatch where they exist and are other than they must be; any other error:
   *   out of reach, to be tried again
   */
  open(options: {
    /** Messages handed over and not acknowledged, at most. */
    readonly prefetch: number
    /** Must not throw. May be called before `open` has resolved. */
    readonly onMessage: (message: QueueMessage) => void
    /** The broker takes no acknowledgement any more: what was not acknowledged comes again. */
    readonly onLost: (error: Error) => void
  }): Promise<QueueSession>
}

/** One connection's worth of consuming. */
export interface QueueSession {
  /** Messages that the broker has handed to nobody. */
  countReady(): Promise<number>
  /** Asks for no more messages. Never rejects: a lost connection sends none either. */
  pause(): Promise<void>
  /** Sends the acknowledgements under way and gives everything else back. Never rejects. */
  close(): Promise<void>
}

/** One message as a broker hands it over. All of it is the publisher's word but `position`. */
export interface QueueMessage {
  readonly body: Buffer
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  /** The publisher's own name for the message. */
  readonly messageId: string | undefined
  /** The broker's own name for it, the same at every delivery; undefined where there is none. */
  readonly position: string | undefined
  /** Whatever else the publisher set and that stays the same at every delivery. */
  readonly marks: string
  /** Unix milliseconds. */
  readonly publishedMs: number | undefined
  /** How often it was handed over before, to us or to others, without an acknowledgement. */
  readonly deliveriesBefore: number
  /** The broker may forget it. Only after its commit, or after its dead letter. Never throws. */
  acknowledge(): void
  /**
   * Puts it on the dead-letter queue with its body unchanged; resolves when the broker has
   * confirmed that it is kept there. The message itself is still to be acknowledged.
   */
  deadLetter(letter: DeadLetter): Promise<void>
}

export interface DeadLetter {
  readonly problem: Problem
  /** RFC 3339: when we first held it. */
  readonly firstSeen: string
}

/** The queue is there, and other than it must be; the message says what to do. */
export class QueueMismatch extends Error {
  constructor(sentence: string) {
    super(sentence)
    this.name = 'QueueMismatch'
  }
}
