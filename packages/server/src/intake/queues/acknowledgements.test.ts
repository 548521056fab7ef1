import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAcknowledgements } from './acknowledgements.ts'

/** The broker's side: RabbitMQ closes the channel over a tag that is not outstanding. */
function createBroker() {
  const outstanding = new Set<number>()
  const frames: [number, boolean][] = []
  return {
    outstanding,
    frames,
    acknowledge(tag: number, isMultiple: boolean): void {
      if (!outstanding.has(tag)) throw new Error(`unknown delivery tag ${tag}`)
      frames.push([tag, isMultiple])
      for (const one of outstanding) {
        if (one === tag || (isMultiple && one < tag)) outstanding.delete(one)
      }
    },
  }
}

test('exactly what was settled is acknowledged, in whatever order, and every tag once (Q-04)', () => {
  const step = fc.oneof(
    fc.constant('deliver' as const),
    fc.constant('flush' as const),
    fc.nat({ max: 60 }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const broker = createBroker()
      const acknowledgements = createAcknowledgements(broker)
      const settled = new Set<number>()
      let tags = 0
      for (const one of steps) {
        if (one === 'deliver') {
          broker.outstanding.add(++tags)
          acknowledgements.deliver(tags)
        } else if (one === 'flush') acknowledgements.flush()
        else if (one >= 1 && one <= tags) {
          settled.add(one)
          acknowledgements.settle(one)
        }
      }
      acknowledgements.flush()
      const expected = Array.from({ length: tags }, (_, n) => n + 1).filter(
        (tag) => !settled.has(tag),
      )
      expect([...broker.outstanding]).toEqual(expected)
    }),
  )
})

test('what one commit settled is one frame, unless a gap stands before it', () => {
  const broker = createBroker()
  const acknowledgements = createAcknowledgements(broker)
  for (let tag = 1; tag <= 6; tag++) {
    broker.outstanding.add(tag)
    acknowledgements.deliver(tag)
  }
  for (const tag of [3, 1, 2, 5]) acknowledgements.settle(tag)
  acknowledgements.flush()
  expect(broker.frames).toEqual([
    [3, true],
    [5, false],
  ])
})
