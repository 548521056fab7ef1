/** What was thrown, in words. Of several addresses of one host that were tried, the first says it. */
export function messageOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error
  return first instanceof Error && first.message !== '' ? first.message : String(first)
}
