import type { ServerResponse } from 'node:http'

/**
 * Goes on when an answer is over: given, or left by who asked. At once where that was while it was
 * being made: its `close` does not come again, and what waited for it was never given back.
 */
export function whenClosed(answer: ServerResponse, then: () => void): void {
  if (answer.closed) then()
  else answer.once('close', then)
}
