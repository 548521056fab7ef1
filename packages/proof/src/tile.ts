import { isCount } from './bytes.ts'
import { VerificationError } from './error.ts'

/** Hashes of a full tile, entries of a full bundle (C2SP tlog-tiles). */
export const tileWidth = 256
const levelMax = 63

export interface TileAddress {
  /** Level of a hash tile, or `entries` for a bundle of entries. */
  readonly level: number | 'entries'
  readonly index: number
  /** 1–256; 256 is a full tile. */
  readonly width: number
}

const refuse = (why: string) => new VerificationError('tile-malformed', why)

/**
 * Path of a tile below a log's prefix: `tile/0/x001/x234/067`, `tile/entries/000.p/17`. Throws
 * `tile-malformed` if there can be no such tile.
 */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  if (level !== 'entries' && !(isCount(level) && level <= levelMax)) throw refuse('No such level.')
  if (!isCount(index)) throw refuse('A tile has an index.')
  if (!(isCount(width) && width >= 1 && width <= tileWidth)) throw refuse('No such width.')
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const groups = padded.replace(/\d{3}(?=\d)/g, 'x$&/')
  return `tile/${level}/${groups}${width === tileWidth ? '' : `.p/${width}`}`
}

/** Reads the path of a tile, only the one that `tilePath` writes; throws `tile-malformed`. */
export function parseTilePath(path: string): TileAddress {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path)
  if (match === null) throw refuse('This is not the path of a tile.')
  const [, name = '', groups = '', partial] = match
  const level = name === 'entries' ? name : Number(name)
  const index = Number(groups.replace(/[x/]/g, ''))
  const width = partial === undefined ? tileWidth : Number(partial)
  if (tilePath(level, index, width) !== path) throw refuse('The path is not written as it must be.')
  return { level, index, width }
}

/** Width of the partial tile that ends a level of a tree of this size; 0: there is none. */
export function partialWidth(size: number, level: number): number {
  return Math.floor(size / tileWidth ** level) % tileWidth
}
