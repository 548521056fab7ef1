/** Whether a host, as a setting or a URL names it, is this machine and nobody else can reach it. */
export const isLoopback = (host: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)
