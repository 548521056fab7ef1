/** Lengths whose views are kept: all but long texts, and some 200 KB of views at most. */
const keptLengthMax = 2048

/**
 * A buffer in which the inputs of digests are put together: what all of them have in common is
 * written once. Making a view costs a tenth of a digest, and lengths repeat, so that the view of
 * each length is kept.
 * @param options.fixed ASCII text that every input has at byte `at`
 */
export function createDigestInput({ fixed, at }: { readonly fixed: string; readonly at: number }) {
  let buffer = Buffer.allocUnsafe(4096)
  let views: Buffer[] = []
  buffer.write(fixed, at, 'latin1')
  return {
    /** Where the fixed text ends. */
    start: at + fixed.length,
    /** The buffer, with room for so many bytes behind the fixed text; write around that. */
    reserve(bytes: number): Buffer {
      if (buffer.length < this.start + bytes) {
        buffer = Buffer.allocUnsafe((this.start + bytes) * 2)
        buffer.write(fixed, at, 'latin1')
        views = []
      }
      return buffer
    },
    /** The input up to there; it is overwritten by the next one. */
    upTo(end: number): Buffer {
      if (end > keptLengthMax) return buffer.subarray(0, end)
      let view = views[end]
      if (view === undefined) {
        view = buffer.subarray(0, end)
        views[end] = view
      }
      return view
    },
  }
}

export type DigestInput = ReturnType<typeof createDigestInput>
