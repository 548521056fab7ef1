import { createStackParser, createTransport } from '@sentry/core'
import { nodeStackLineParser, ServerRuntimeClient } from '@sentry/core/server'

/** Told of every error that is ours: of a request, of the relay, of the process. */
export type CaptureException = (error: unknown, facts?: ErrorFacts) => void

/** What goes with an error: ids only. */
export interface ErrorFacts {
  readonly request?: string | undefined
  readonly operator?: string | undefined
}

export interface Reporter {
  readonly captureException: CaptureException
  /** Sends what waits, for at most so long. */
  close(timeoutMs: number): Promise<void>
}

/**
 * Reports errors to Sentry, or to what takes its envelopes. No instrumentation, no breadcrumbs: an
 * error, its stack, and the ids of `ErrorFacts`, so that no personal data leaves by this door.
 * @param options.dsn where to; without one nothing is sent
 */
export function createReporter(options: {
  readonly dsn: string | undefined
  readonly environment: string
}): Reporter {
  const { dsn, environment } = options
  if (dsn === undefined) return { captureException: () => undefined, close: async () => undefined }
  const client = new ServerRuntimeClient({
    dsn,
    environment,
    platform: 'node',
    runtime: { name: 'node', version: process.version },
    integrations: [],
    stackParser: createStackParser(nodeStackLineParser()),
    transport: (transport) =>
      createTransport(transport, async ({ body }) => {
        const response = await fetch(transport.url, {
          method: 'POST',
          body,
          ...(transport.headers === undefined ? {} : { headers: transport.headers }),
        })
        await response.body?.cancel()
        return {
          statusCode: response.status,
          headers: {
            'retry-after': response.headers.get('retry-after'),
            'x-sentry-rate-limits': response.headers.get('x-sentry-rate-limits'),
          },
        }
      }),
  })
  client.init()
  return {
    captureException(error, { request, operator } = {}) {
      const user = operator === undefined ? {} : { user: { id: operator } }
      client.captureException(error, { captureContext: { tags: { request }, ...user } })
    },
    close: async (timeoutMs) => void (await client.close(timeoutMs)),
  }
}
