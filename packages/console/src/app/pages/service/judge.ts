import type { ServiceFigures } from '@indelible/protocol'

export type State = 'fine' | 'slow' | 'stopped'

/** How one part of the service does, and what that means. */
export interface Judgement {
  readonly state: State
  readonly why: string
}

const fine = (why: string): Judgement => ({ state: 'fine', why })
const slow = (why: string): Judgement => ({ state: 'slow', why })
const stopped = (why: string): Judgement => ({ state: 'stopped', why })

/** From here on somebody should look, though all is still taken. */
const nearlyFull = 0.5

export function judgeIntake({ intake }: ServiceFigures): Judgement {
  if (intake.stopped !== null) return stopped(intake.stopped)
  if (intake.bytes < intake.bytesMax * nearlyFull) {
    return fine('What is accepted is written at once.')
  }
  return slow(
    'More comes than is written. When the queue is full, senders are asked to come back: nothing ' +
      'is lost.',
  )
}

export function judgeIndex({ index }: ServiceFigures): Judgement {
  if (index.behind < index.behindMax * nearlyFull) {
    return fine('Entries not yet indexed: searches still find them.')
  }
  return slow(
    'The index is behind. Searches still find everything, more slowly; senders wait when it falls ' +
      'further back.',
  )
}

export function judgeSigning({ signing: { refusals, signs } }: ServiceFigures): Judgement {
  if (refusals.length > 0) {
    return stopped('Something that was signed has changed. These logs take no more events.')
  }
  return fine(
    signs
      ? 'Each log that grew is signed within a second.'
      : 'Another node signs; this one stands by.',
  )
}

export function judgeQueue(queue: ServiceFigures['queues'][number]): Judgement {
  if (!queue.connected) return stopped(queue.waitsFor ?? 'There is no connection to the broker.')
  if (queue.waitsFor !== null) return slow(queue.waitsFor)
  return fine('Messages are acknowledged once they are kept.')
}

const order: readonly State[] = ['fine', 'slow', 'stopped']

/** The worst of them. */
export const worstOf = (states: readonly State[]): State =>
  states.reduce<State>(
    (worst, one) => (order.indexOf(one) > order.indexOf(worst) ? one : worst),
    'fine',
  )

/** How the service does as a whole. */
export const judgeService = (figures: ServiceFigures): State =>
  worstOf([
    figures.ready ? 'fine' : 'stopped',
    judgeIntake(figures).state,
    judgeIndex(figures).state,
    judgeSigning(figures).state,
    ...figures.queues.map((queue) => judgeQueue(queue).state),
  ])
