import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from '@indelible/protocol'
import type { onRequestHookHandler } from 'fastify'
import { Refusal } from '../../../base/refusal.ts'

const pauseMs = 250
const pausesMax = limits.patienceMsMax / pauseMs

/**
 * Clients before version 9 give up an event that is answered with 429 or 503, so both are waited
 * out within the request, for a while and by so many requests at once.
 */
export function createPatience(pause: (ms: number) => Promise<unknown> = sleep) {
  let waiting = 0

  async function wait(ms: number): Promise<void> {
    waiting++
    await pause(ms).finally(() => waiting--)
  }
  const hasRoom = () => waiting < limits.patientRequestsMax

  return {
    /** Tries again while more is waiting to be written than may wait. */
    async persist<T>(attempt: () => Promise<T>): Promise<T> {
      for (let pauses = 0; ; pauses++) {
        try {
          return await attempt()
        } catch (error) {
          if (!isOf(error, 'pushback') || pauses >= pausesMax || !hasRoom()) throw error
        }
        await wait(pauseMs)
      }
    },

    /** Asks the authenticator again while the key has made as many requests as it may. */
    soften(authenticate: onRequestHookHandler): onRequestHookHandler {
      return function onRequest(request, reply, done) {
        let waitedMs = 0
        const ask = (): void => {
          authenticate.call(this, request, reply, (error?: Error) => {
            const ms = Math.max(1, (error instanceof Refusal && error.retryAfterS) || 1) * 1_000
            const isOver = waitedMs + ms > limits.patienceMsMax
            if (!isOf(error, 'rate-exceeded') || isOver || !hasRoom()) {
              done(error)
              return
            }
            waitedMs += ms
            void wait(ms).then(ask)
          })
        }
        ask()
      }
    },
  }
}

const isOf = (error: unknown, code: Refusal['code']): error is Refusal =>
  error instanceof Refusal && error.code === code
