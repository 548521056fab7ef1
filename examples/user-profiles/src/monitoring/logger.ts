import pino, { type DestinationStream, type Logger } from 'pino'

/**
 * Structured diagnostics: one JSON object a line. Of an error its kind, code, message and stack: what
 * else it carries can be personal (PostgreSQL's `detail` quotes the row).
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  const serializers = { err: describeError }
  return destination === undefined
    ? pino({ ...options, serializers })
    : pino({ ...options, serializers }, destination)
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  const { name, message, stack } = error
  return { name, message, stack, ...('code' in error ? { code: error.code } : {}) }
}
