import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import { createSecureContext } from 'node:tls'
import { messageOf } from '../base/message-of.ts'

/** The files of a certificate, in PEM: the chain, our own first, and its key. */
export interface CertificateFiles {
  readonly certFile: string
  readonly keyFile: string
}

/** A chain and a key that belong together. */
interface KeyPair {
  readonly cert: string
  readonly key: string
  /** When the first of the chain ends, Unix milliseconds. */
  readonly expires: number
}

/** How often the files are looked at: certificates are renewed days before they end. */
const pollMs = 10_000
/** A handshake that is not done by then holds a socket for nothing. */
const handshakeMsMax = 15_000
/** The oldest that RFC 9325 §3.1.1 has in use. */
const minVersion = 'TLSv1.2'
/** Of TLS 1.2 those of RFC 9325 §4.2: forward secrecy, and nothing but authenticated encryption. */
const ciphers = [
  ...['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
].join(':')
/** What is spoken, whatever the certificate. */
const strength = { minVersion, ciphers, honorCipherOrder: true } as const

const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * Reads both files and tries them out.
 * @throws Error with words for the operator, without anything of the key
 */
export function readKeyPair({ certFile, keyFile }: CertificateFiles): KeyPair {
  const cert = readFileSync(certFile, 'utf8')
  const key = readFileSync(keyFile, 'utf8')
  const chain = (cert.match(pemBlock) ?? []).map((block) => new X509Certificate(block))
  const [own] = chain
  if (own === undefined) throw new Error(`${certFile} has no certificate in PEM`)
  if (!own.checkPrivateKey(parseKey(key, keyFile))) {
    throw new Error(`the key ${keyFile} is not that of the certificate ${certFile}`)
  }
  createSecureContext({ cert, key, ...strength })
  return { cert, key, expires: Math.min(...chain.map(({ validToDate }) => validToDate.getTime())) }
}

function parseKey(key: string, keyFile: string) {
  try {
    return createPrivateKey(key)
  } catch {
    throw new Error(`${keyFile} has no private key in PEM without a passphrase`)
  }
}

/** The certificate that we serve TLS with, and its renewals. */
export interface Certificate extends Disposable {
  /** A server whose new connections take whatever certificate is in use. */
  readonly createServer: (options: ServerOptions, handler: RequestListener) => Server
  readonly state: () => CertificateState
  /** Looks at the files now; otherwise that happens every few seconds. */
  readonly renew: () => void
}

export interface CertificateState {
  /** Unix milliseconds. */
  readonly expires: number
  /** Why what the files hold now is not in use, as a sentence's end. */
  readonly fault: string | undefined
}

/**
 * Follows the files' content, not their times: it is put in place by renames, links and copies. A
 * pair that is half written, or of which only one half is new, is no reason to stop serving: the one
 * in use goes on, and the next look may find both. Connections that are open keep theirs.
 * @throws Error as `readKeyPair`, at the start alone
 */
export function createCertificate(options: {
  readonly files: CertificateFiles
  readonly onRenewal: (state: CertificateState) => void
  /** Told once of each fault. */
  readonly onFault: (fault: string) => void
}): Certificate {
  const { files, onRenewal, onFault } = options
  let pair = readKeyPair(files)
  let fault: string | undefined
  const servers = new Set<Server>()
  const state = (): CertificateState => ({ expires: pair.expires, fault })

  const renew = (): void => {
    try {
      const found = readKeyPair(files)
      fault = undefined
      if (found.cert === pair.cert && found.key === pair.key) return
      pair = found
      for (const server of servers) server.setSecureContext({ ...secret(pair), ...strength })
      onRenewal(state())
    } catch (error) {
      const reason = messageOf(error)
      if (reason !== fault) onFault(reason)
      fault = reason
    }
  }
  const timer = setInterval(renew, pollMs).unref()

  return {
    createServer(serverOptions, handler) {
      const own = { ...secret(pair), ...strength, handshakeTimeout: handshakeMsMax }
      const server = createServer({ ...serverOptions, ...own }, handler)
      servers.add(server)
      return server.once('close', () => servers.delete(server))
    },
    state,
    renew,
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

const secret = ({ cert, key }: KeyPair) => ({ cert, key })
