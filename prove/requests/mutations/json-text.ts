import type { Random } from '@indelible/testkit'
import { type Draft, encodeBody } from '../draft.ts'
import type { Mutation } from './mutation.ts'

/** Bodies of our own API, which are read strictly, of one JSON text. */
const isStrict = ({ json, path, body, method }: Draft): boolean =>
  typeof json === 'object' &&
  json !== null &&
  !Array.isArray(json) &&
  body === undefined &&
  (method === 'POST' || method === 'PUT' || method === 'PATCH') &&
  path.startsWith('/v1/') &&
  // OpenTelemetry's addresses lie among ours.
  !/^\/v1\/(?:logs|audit)$/.test(path)

/** What JSON can't carry faithfully: none of it may be kept, for it would be kept as something else. */
export const jsonTextMutations: readonly Mutation[] = [
  inString('a lone surrogate', 4, (random) =>
    random.pick(['\\ud800', '\\uDC00', '\\ud83dx', '\\ude00\\ud83d', '\\uD800\\uD800\\uDC00']),
  ),
  inString('NUL', 1, () => '\\u0000'),
  inString('a bare control character', 1, () => '\u0001'),
  inString('a bad escape', 1, (random) => random.pick(['\\x41', '\\u12g4', '\\q', '\\u00zz'])),
  inString('no UTF-8', 2, (random) =>
    random.pick(['\xff', '\xc0\xaf', '\xed\xa0\x80', '\xf5\x80\x80\x80', '\xe2\x82']),
  ),
  text('a number that no double holds', 2, (body, random) =>
    addMember(body, random.pick(['1e400', '12345678901234567890', '0.1234567890123456789'])),
  ),
  text('a number that is none', 1, (body, random) =>
    addMember(body, random.pick(['NaN', '01', '+1', '.5', '1.', 'Infinity', '0x10', '-'])),
  ),
  text('a member twice', 2, (body) => addMember(addMember(body, '1'), '2')),
  text('a byte order mark', 1, (body) => `\xef\xbb\xbf${body}`),
  text('more behind the end', 1, (body, random) => body + random.pick(['}', ',', 'x', '[]', '\0'])),
  text('a comma too many', 1, (body) => body.replace(/\}$/, ',}')),
  text('single quotes', 1, (body) => addMember(body, "'1'")),
  text('nesting without end', 0.1, (body, random) =>
    addMember(body, '['.repeat(random.pick([100, 5_000, 200_000]))),
  ),
]

function text(
  name: string,
  weight: number,
  spoil: (body: string, random: Random) => string,
): Mutation {
  return {
    ...{ name, weight, fits: isStrict, isAlone: true },
    apply(draft, random) {
      const body = encodeBody(draft)?.toString('latin1') ?? ''
      draft.body = Buffer.from(spoil(body, random), 'latin1')
      draft.mustRefuse = name
    },
  }
}

/** Somewhere in a string, a member's name perhaps. */
function inString(name: string, weight: number, make: (random: Random) => string): Mutation {
  return text(name, weight, (body, random) => {
    const starts = findStrings(body)
    const at = starts[random.whole(starts.length)]
    if (at === undefined) return addMember(body, `"${make(random)}"`)
    return `${body.slice(0, at)}${make(random)}${body.slice(at)}`
  })
}

/** Where the strings of a JSON text begin, behind the quotation mark. */
function findStrings(body: string): readonly number[] {
  return [...body.matchAll(/"(?:[^"\\]|\\.)*"/g)].map(({ index }) => index + 1)
}

const addMember = (body: string, value: string): string =>
  body.replace(/\}$/, `${body === '{}' ? '' : ','}"more":${value}}`)
