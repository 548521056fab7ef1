/** As `fetch` throws where a connection broke before its answer was whole. */
export const createCut = (why: string): TypeError => new TypeError('fetch failed', { cause: why })

/**
 * The connection broke: whether the request was kept is what the retry will tell. A TypeError of
 * other words is a bug of ours, and ends the stage.
 */
export const isCut = (error: unknown): boolean =>
  error instanceof TypeError && ['fetch failed', 'terminated'].includes(error.message)
