import { setTimeout as delay } from 'node:timers/promises'
import type { App } from './app.ts'

/**
 * The time between being asked to stop and stopping: everything is still answered, and every answer
 * is the last of its connection, so that clients and balancers go elsewhere of their own accord.
 */
export function createDrain(app: App, drainMs: number) {
  let isUnderWay = false
  app.addHook('onRequest', (_, reply, done) => {
    if (isUnderWay) reply.header('connection', 'close')
    done()
  })
  return {
    get isUnderWay() {
      return isUnderWay
    },
    /** Resolves when it is time to stop. */
    async begin(): Promise<void> {
      isUnderWay = true
      await delay(drainMs)
    },
  }
}
