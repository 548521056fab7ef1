import {
  type Answer,
  type Random,
  type Screen,
  startTcpProxy,
  type TcpProxy,
} from '@indelible/testkit'
import { createAnswerReader } from './answers.ts'

/** Of connections: none of whose answers is passed on, and those cut as soon as one would be. */
const swallowShare = 0.6
const cutShare = 0.1

/**
 * A way to a service on which answers get lost after the work was done.
 * @param options.onSwallowed told of each answer that came whole, and that no client will hear
 */
export function startSwallowingProxy(options: {
  readonly port: number
  readonly random: Random
  readonly onSwallowed: (answer: Answer) => void
}): Promise<TcpProxy> {
  const { random, onSwallowed } = options
  const pass: Screen = { request: () => 'pass', answer: () => 'pass' }
  const createScreen = (): Screen => {
    const lot = random()
    if (lot >= swallowShare + cutShare) return pass
    const read = createAnswerReader(onSwallowed)
    const fate = lot < swallowShare ? 'drop' : 'cut'
    return {
      request: () => 'pass',
      answer(chunk) {
        read(chunk)
        return fate
      },
    }
  }
  return startTcpProxy({ host: '127.0.0.1', port: options.port, screen: createScreen })
}
