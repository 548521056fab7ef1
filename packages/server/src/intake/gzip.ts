import { gunzip, type InputType, type ZlibOptions } from 'node:zlib'

/**
 * Inflates gzip (RFC 1952, one or more members) in the thread pool.
 *
 * @returns `too-large` as soon as the output passes `bytesMax`, whatever the input claims;
 *   `corrupt` if it is broken, cut, or followed by anything that is no gzip.
 */
export function gunzipBounded(
  body: Buffer,
  bytesMax: number,
): Promise<Buffer | 'too-large' | 'corrupt'> {
  return new Promise((resolve) => {
    const options = { maxOutputLength: bytesMax, info: true, chunkSize: chunkSizeOf(body) }
    gunzipWithInfo(body, options, (error, inflated) => {
      if (error !== null) {
        resolve(error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'corrupt')
        // zlib stops in silence at the first byte behind the last member that starts no other.
      } else if (inflated.engine.bytesWritten !== body.length) resolve('corrupt')
      else resolve(inflated.buffer)
    })
  })
}

/**
 * Each chunk waits for a turn of the event loop. By Node's 16 KiB a bomb of 16 kB took a thousand of
 * them: more than 15 s on a busy service (measured), in which four held up every gzipped body. At
 * most 1,032 bytes come of one (deflate), so that these are some thirty, however little was sent.
 */
const chunkSizeOf = ({ length }: Buffer): number =>
  Math.min(Math.max(length * 32, 16 * 1024), 1024 * 1024)

interface Inflated {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

// `info: true` changes what the callback gets, which the typings of Node don't know.
const gunzipWithInfo = gunzip as unknown as (
  input: InputType,
  options: ZlibOptions,
  callback: (error: NodeJS.ErrnoException | null, inflated: Inflated) => void,
) => void
