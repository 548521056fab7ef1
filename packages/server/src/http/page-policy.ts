/**
 * Content-Security-Policy of our pages: scripts, styles, fonts and answers of our own alone,
 * nothing inline.
 * @param options.styles where styles may come from, beside our own files
 * @param options.forms where forms may be sent; default: nowhere
 * @param options.frames who may hold the page in a frame; default: nobody
 */
export function formatPagePolicy(
  options: {
    readonly styles?: "'unsafe-inline'"
    readonly forms?: "'self'"
    readonly frames?: readonly string[]
  } = {},
): string {
  const { styles = '', forms = "'none'", frames = ["'none'"] } = options
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' ${styles}`.trimEnd(),
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    `form-action ${forms}`,
    `frame-ancestors ${frames.join(' ')}`,
  ].join('; ')
}
