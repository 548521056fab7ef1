import type { MessagePort, Worker } from 'node:worker_threads'
import { decodeRefusal, type EncodedRefusal, encodeRefusal, Refusal } from '../base/refusal.ts'

/**
 * Calls between threads: a worker serves an object of async functions, the main thread calls them
 * as if they were its own. Refusals keep their class on the way; anything else arrives as an Error
 * with the worker's message and stack.
 */

// biome-ignore lint/suspicious/noExplicitAny: only `any` admits every parameter list in a constraint
type Served = Record<string, (...args: any[]) => Promise<unknown>>

interface Call {
  readonly call: number
  readonly name: string
  readonly args: unknown[]
}
type Answer = { readonly answer: number } & (
  | { readonly result: unknown }
  | { readonly refusal: EncodedRefusal }
  | { readonly fault: string }
)
interface Notice {
  readonly notice: unknown
}

/** Serves calls in the order they arrive, each started without waiting for the one before. */
export function serveCalls(port: MessagePort, served: Served): void {
  port.on('message', async ({ call, name, args }: Call) => {
    const method = served[name]
    try {
      if (method === undefined) throw new Error(`This thread serves no call "${name}".`)
      const result = await method(...args)
      port.postMessage({ answer: call, result } satisfies Answer, listTransfers(result))
    } catch (error) {
      port.postMessage(
        (error instanceof Refusal
          ? { answer: call, refusal: encodeRefusal(error) }
          : {
              answer: call,
              fault: error instanceof Error ? (error.stack ?? error.message) : String(error),
            }) satisfies Answer,
      )
    }
  })
}

/** Tells the main thread something it did not ask for. */
export function notify(port: MessagePort, notice: unknown): void {
  port.postMessage({ notice } satisfies Notice)
}

/** Bytes that own their whole buffer move instead of being copied. */
function listTransfers(result: unknown): ArrayBuffer[] {
  const owns = result instanceof Uint8Array && result.byteLength === result.buffer.byteLength
  return owns && result.buffer instanceof ArrayBuffer ? [result.buffer] : []
}

export interface Remote<T> {
  readonly calls: T
  /** Rejects every call under way and all later ones; then ends the thread. */
  stop(): Promise<void>
}

/** Calls a worker's functions. If the worker dies, every call under way is rejected. */
export function connect<T extends Served>(
  worker: Worker,
  options: { readonly onNotice?: (notice: unknown) => void; readonly onDeath: (e: Error) => void },
): Remote<T> {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let next = 0
  let death: Error | undefined

  const die = (error: Error): void => {
    if (death !== undefined) return
    death = error
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  worker.on('message', (message: Answer | Notice) => {
    if ('notice' in message) return options.onNotice?.(message.notice)
    const call = waiting.get(message.answer)
    waiting.delete(message.answer)
    if ('result' in message) call?.resolve(message.result)
    else if ('refusal' in message) call?.reject(decodeRefusal(message.refusal))
    else call?.reject(new Error(message.fault))
  })
  worker.on('error', (error) => {
    die(error instanceof Error ? error : new Error(String(error)))
    options.onDeath(error instanceof Error ? error : new Error(String(error)))
  })

  const calls = new Proxy({} as T, {
    get:
      (_, name) =>
      (...args: unknown[]) =>
        new Promise((resolve, reject) => {
          if (death !== undefined) return reject(death)
          const call = next++
          waiting.set(call, { resolve, reject })
          worker.postMessage({ call, name: String(name), args } satisfies Call)
        }),
  })
  return {
    calls,
    async stop() {
      die(new Error('The thread was stopped.'))
      await worker.terminate()
    },
  }
}
