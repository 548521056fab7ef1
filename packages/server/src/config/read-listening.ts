import { isIP } from 'node:net'
import { isLoopback } from '../base/loopback.ts'
import { messageOf } from '../base/message-of.ts'
import { type CertificateFiles, readKeyPair } from '../http/certificate.ts'
import type { SettingReader } from './setting-reader.ts'

/** Where the service listens, how, and whom it believes where a request came from. */
export interface Listening {
  readonly host: string
  readonly port: number
  readonly openTokens: boolean
  readonly tls?: CertificateFiles
  readonly trustedProxies: readonly string[]
  /** Browsers are told to come by TLS alone from then on. */
  readonly hsts: boolean
}

export function readListening(reader: SettingReader): Listening {
  const host = reader.text('INDELIBLE_HOST') ?? '127.0.0.1'
  // They let anybody in: that nobody elsewhere is anybody is up to the address.
  const openTokens = reader.toggle('INDELIBLE_OPEN_TOKENS')
  reader.check(
    'INDELIBLE_OPEN_TOKENS',
    !openTokens || isLoopback(host),
    'true only where INDELIBLE_HOST is 127.0.0.1 or localhost',
  )
  return {
    host,
    port: readPort(reader),
    openTokens,
    ...readCertificate(reader),
    trustedProxies: readProxies(reader),
    hsts: reader.toggle('INDELIBLE_HSTS'),
  }
}

function readPort({ text, number }: SettingReader): number {
  // Kubernetes makes such a variable of a Service by the name of `indelible`.
  const isServiceLink = text('INDELIBLE_PORT')?.startsWith('tcp://') === true
  const unit = isServiceLink
    ? 'set by Kubernetes for a Service of this name: enableServiceLinks: false; else a port'
    : 'a port'
  return number('INDELIBLE_PORT', { usual: 4680, max: 65_535, unit, isWhole: true })
}

function readCertificate({ text, check }: SettingReader): { readonly tls?: CertificateFiles } {
  const certFile = text('INDELIBLE_TLS_CERT_FILE')
  const keyFile = text('INDELIBLE_TLS_KEY_FILE')
  check(
    'INDELIBLE_TLS_KEY_FILE',
    (certFile === undefined) === (keyFile === undefined),
    'together with INDELIBLE_TLS_CERT_FILE',
  )
  if (certFile === undefined || keyFile === undefined) return {}
  const tls = { certFile, keyFile }
  try {
    readKeyPair(tls)
  } catch (error) {
    check('INDELIBLE_TLS_CERT_FILE', false, messageOf(error))
  }
  return { tls }
}

/** Names for whole ranges; everybody is none of them: a caller must not be its own witness. */
const rangeNames = ['loopback', 'linklocal', 'uniquelocal']

function readProxies({ text, check }: SettingReader): readonly string[] {
  const proxies = (text('INDELIBLE_TRUSTED_PROXIES') ?? '').split(/[\s,]+/).filter((one) => one)
  check(
    'INDELIBLE_TRUSTED_PROXIES',
    proxies.every((one) => rangeNames.includes(one) || isRange(one)),
    `addresses or ranges such as 10.0.0.0/8, or ${rangeNames.join(', ')}, with commas between`,
  )
  return proxies
}

function isRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  if (bits === undefined) return true
  return /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
}

/** What lets others in, or listen, where nobody else sees to it: a sentence for each. */
export function findExposure({ host, tls, trustedProxies, openTokens }: Listening): string[] {
  const isClear = !isLoopback(host) && tls === undefined && trustedProxies.length === 0
  const clear =
    `INDELIBLE_HOST is ${host}, and there is no TLS: keys and events cross the network in the clear. ` +
    'Set INDELIBLE_TLS_CERT_FILE, or INDELIBLE_TRUSTED_PROXIES behind a proxy that has it'
  const open =
    'INDELIBLE_OPEN_TOKENS is set: anybody on this machine can append to the tenant default, and read it'
  return [...(isClear ? [clear] : []), ...(openTokens ? [open] : [])]
}
