import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** PEM files of one certificate. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

const openssl = (args: readonly string[]): void => {
  execFileSync('openssl', args, { stdio: 'ignore' })
}

/** An authority of the test's own, which issues certificates for this machine's loopback. */
export function createAuthority(folder: string, name: string) {
  const ca = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) }
  openssl([
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-days', '2', '-subj', `/CN=${name}`, '-keyout', ca.key, '-out', ca.cert],
  ])
  return {
    path: ca.cert,
    text: readFileSync(ca.cert, 'utf8'),
    issue(subject: string): Certificate {
      const at = (suffix: string) => join(folder, `${name}-${subject}.${suffix}`)
      openssl([
        ...['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
        ...['-subj', `/CN=${subject}`, '-keyout', at('key'), '-out', at('csr')],
      ])
      writeFileSync(at('ext'), 'subjectAltName = IP:127.0.0.1, DNS:localhost\n')
      openssl([
        ...['x509', '-req', '-in', at('csr'), '-CA', ca.cert, '-CAkey', ca.key],
        ...['-CAcreateserial', '-days', '2', '-extfile', at('ext'), '-out', at('pem')],
      ])
      return { cert: at('pem'), key: at('key') }
    },
  }
}
