const unchecked: ReadonlySet<string> = new Set(['', 'disable', 'allow', 'no-verify'])

/**
 * Whether password and events would cross a network in clear, or to whoever answers there.
 * @param url `postgres://…`, as `pg` reads it: whatever it encrypts it also checks, unless told not to
 * @param sslMode of the environment (PGSSLMODE), which holds where the URL says nothing
 */
export function isExposed(url: string, sslMode = ''): boolean {
  const { hostname, searchParams } = new URL(url)
  const host = searchParams.get('host') ?? decodeURIComponent(hostname)
  if (/^($|\/|localhost$|127\.|\[?::1\]?$)/.test(host)) return false
  if (searchParams.get('uselibpqcompat') === 'true') {
    return searchParams.get('sslmode') !== 'verify-full'
  }
  if (/^(true|1)$/.test(searchParams.get('ssl') ?? '')) return false
  return unchecked.has(searchParams.get('sslmode') ?? sslMode)
}
