import { cardCandidate, isCardNumber } from './cards.ts'
import type { Treatment } from './treatment.ts'

/**
 * Secrets known by how they look, inside any string. Every expression is linear in the text:
 * no nested quantifier, and an unbounded one starts only where its run starts.
 */

/** Start and end of what to take out of a match; undefined: not a secret after all. */
export type Span = readonly [start: number, end: number]

/** A secret in a text, and what is to be done with it. */
export interface Found {
  readonly start: number
  readonly end: number
  readonly treatment: Treatment
}

export interface Pattern {
  readonly rule: string
  /** What the text must contain, cheaply tested for all patterns at once. */
  readonly hint: string
  /** Global. */
  readonly expression: RegExp
  readonly accept: (match: RegExpExecArray) => Span | undefined
}

const whole = (match: RegExpExecArray): Span => [match.index, match.index + match[0].length]

/** Only what a group matched, which must be the last of its text in the match. */
const group =
  (number: number) =>
  (match: RegExpExecArray): Span | undefined => {
    const text = match[number]
    if (text === undefined) return undefined
    const start = match.index + match[0].lastIndexOf(text)
    return [start, start + text.length]
  }

export const builtInPatterns: readonly Pattern[] = [
  {
    rule: 'private-key',
    hint: '-----BEGIN',
    expression:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----|$)/g,
    accept: whole,
  },
  {
    rule: 'jwt',
    hint: 'eyJ',
    expression: /(?<![\w-])[\w-]{2,}(?:\.[\w-]*)+/g,
    accept: acceptJwt,
  },
  {
    rule: 'access-key',
    hint: 'A(?:KI|SI|ID|GP|IP|NP|NV|RO|BI|CC)A[A-Z0-9]{12}',
    // Of AWS's unique ids only AKIA (long-term), ASIA (temporary), ABIA and ACCA are credentials.
    expression: /(?<![A-Za-z0-9])A(?:KI|SI|BI|CC)A[A-Z0-9]{12,16}(?![A-Za-z0-9])/g,
    accept: whole,
  },
  {
    rule: 'token',
    hint: 'GZXIvYXdz|Jb3JpZ2lu',
    // AWS session tokens: base64 of "origin_ec" or "aws" with a header before it.
    expression: /(?:IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz)[A-Za-z0-9/+_%-]{20,}=*/g,
    accept: whole,
  },
  {
    rule: 'authorization',
    hint: '[Bb]earer |BEARER |[Bb]asic |BASIC ',
    expression: /\b(?:bearer|basic) +([A-Za-z0-9._~+/-]{6,}={0,2})/gi,
    accept: acceptCredentials,
  },
  {
    rule: 'authorization',
    hint: '[Aa]uthorization: ',
    expression:
      /authorization: *((?:bearer|basic|token|digest|apikey|aws4-hmac-sha256) +[^\r\n"']+|[^\s"']{16,})/gi,
    accept: group(1),
  },
  {
    rule: 'cookie',
    hint: '[Cc]ookie: ',
    expression: /cookie: *([^\s"'=;]{1,128}=[^\r\n"']+)/gi,
    accept: group(1),
  },
  {
    rule: 'password',
    hint: '://',
    expression: /:\/\/[^\s/:@?#]{0,256}:([^\s/?#]{1,1024})@/g,
    accept: group(1),
  },
  {
    rule: 'vendor-key',
    hint: 'gh[pousr]_|github_pat_|glpat-|xox[a-z]-|xapp-|[sr]k_(?:live|test)_|whsec_|sk-|AIza|npm_|pypi-|SG\\.|dop_v1_|shp[a-z]{2}_|hf_|ind_|AGE-SECRET-KEY-|hooks\\.slack',
    expression: new RegExp(
      `(?<![A-Za-z0-9])(?:${[
        'gh[pousr]_[A-Za-z0-9]{20,255}',
        'github_pat_[A-Za-z0-9_]{20,255}',
        'glpat-[\\w-]{16,}',
        'xox[a-z]-[A-Za-z0-9-]{8,}',
        'xapp-[A-Za-z0-9-]{16,}',
        '[sr]k_(?:live|test)_[A-Za-z0-9]{8,}',
        'whsec_[A-Za-z0-9+/=]{16,}',
        'sk-(?:ant-|proj-)?[\\w-]{20,}',
        'AIza[\\w-]{30,}',
        'npm_[A-Za-z0-9]{30,}',
        'pypi-[\\w-]{30,}',
        'SG\\.[\\w-]{16,}\\.[\\w-]{16,}',
        'dop_v1_[a-f0-9]{32,}',
        'shp[a-z]{2}_[a-fA-F0-9]{20,}',
        'hf_[A-Za-z0-9]{20,}',
        'ind_[A-Za-z0-9_-]{16,}',
        'AGE-SECRET-KEY-1[A-Z0-9]{40,}',
        'hooks\\.slack\\.com/services/[\\w/]{20,}',
      ].join('|')})`,
      'g',
    ),
    accept: (match) => (isSlug(match[0]) ? undefined : whole(match)),
  },
  {
    rule: 'card',
    hint: '\\d(?:[ -]?\\d){12}',
    expression: cardCandidate,
    accept: (match) => (isCardNumber(match[0]) && !isInName(match) ? whole(match) : undefined),
  },
]

/** A secret access key has no shape of its own, but it stands beside its access key id. */
export const awsSecretKey: Omit<Pattern, 'hint'> = {
  rule: 'access-key',
  expression: /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g,
  accept: (match) =>
    /[a-z]/.test(match[0]) && /[A-Z]/.test(match[0]) && /\d/.test(match[0])
      ? whole(match)
      : undefined,
}

/** How a JOSE header, or any JSON object with a member, begins once it is decoded. */
const objectStart = /^\{\s*"[^"]{1,64}"\s*:/

/**
 * A JWT begins with a JSON object in base64url, so with `eyJ`; so does `surveyJob.run.done`, which
 * is no JWT. It can stand behind other dotted names: `session.eyJ…`.
 */
function acceptJwt(match: RegExpExecArray): Span | undefined {
  const [text] = match
  for (let at = text.indexOf('eyJ'); at !== -1; at = text.indexOf('eyJ', at + 3)) {
    const dot = text.indexOf('.', at)
    if (dot === -1) return undefined
    // The beginning is enough to tell, and a hostile text has many.
    const header = Buffer.from(text.slice(at, Math.min(dot, at + 100)), 'base64url')
    if (objectStart.test(header.toString('latin1'))) {
      return [match.index + at, match.index + text.length]
    }
  }
  return undefined
}

/** `sk-bratislava-old-town-hotel` is words; a key has a long run of letters and digits. */
const isSlug = (text: string): boolean => text.startsWith('sk-') && !/[A-Za-z0-9]{16}/.test(text)

/** "Basic plan" and "Bearer authentication" are words; credentials are not. */
function acceptCredentials(match: RegExpExecArray): Span | undefined {
  const credentials = match[1] ?? ''
  const isSecret = /^basic/i.test(match[0])
    ? Buffer.from(credentials, 'base64').includes(':')
    : credentials.length >= 20 || /[\d._~+/=]/.test(credentials.replace(/[.,;:!?]$/, ''))
  return isSecret ? group(1)(match) : undefined
}

/** Inside an ARN or URN digits are an account or a resource. */
function isInName({ index, input }: RegExpExecArray): boolean {
  let start = index
  while (start > 0 && index - start < 512 && !/[\s"'([]/.test(input.charAt(start - 1))) start--
  return /^(?:arn|urn):/.test(input.slice(start, index))
}
