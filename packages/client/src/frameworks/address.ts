import type { RequestReader } from './options.ts'
import { clip } from './plain.ts'

const addressCharsMax = 64
const forwardedCharsMax = 512

/**
 * Where a request came from: the address that may be believed, and beside it, as `forwarded`, what
 * X-Forwarded-For claims, which anybody can write.
 * @param trustedHops proxies that each append the address they saw; the framework's setting without
 */
export function findAddress<Request>(
  request: Request,
  reader: RequestReader<Request>,
  trustedHops: number | undefined,
): { readonly ip?: string; readonly forwarded?: string } {
  const forwarded = reader.header(request, 'x-forwarded-for')
  const ip =
    trustedHops === undefined
      ? reader.ip(request) || reader.peer(request)
      : countBack(reader.peer(request), forwarded, trustedHops)
  const found: { ip?: string; forwarded?: string } = {}
  if (ip !== undefined && ip !== '') found.ip = clip(nameAddress(ip), addressCharsMax)
  if (forwarded !== undefined) found.forwarded = clip(forwarded, forwardedCharsMax)
  return found
}

/** The address that the outermost trusted proxy saw. */
function countBack(peer: string | undefined, forwarded: string | undefined, hops: number) {
  const claimed = (forwarded ?? '').split(',').map((address) => address.trim())
  // The last one stands even where it isn't known: at the edge there is no socket to ask.
  const chain = [...claimed.filter((address) => address !== ''), peer]
  return chain[Math.max(0, chain.length - 1 - hops)]
}

const withPort = /^(?:\[([\da-f:.]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+)$/i
const mappedPrefix = /^::ffff:(?=\d+\.)/i

/** One name for one address: without the port that some proxies append, nor as IPv4 inside of IPv6. */
function nameAddress(address: string): string {
  const [, bracketed, dotted] = withPort.exec(address) ?? []
  return (bracketed ?? dotted ?? address).replace(mappedPrefix, '')
}
