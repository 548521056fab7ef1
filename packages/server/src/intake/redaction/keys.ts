/**
 * Which member names hold a secret. Names are compared without case, `_`, `-` and other
 * punctuation, by their end: `newPassword`, `DB_PASSWORD` and `x-api-key` hold one;
 * `passwordChangedAt`, `tokenCount`, `secretName` and `apiKeyId` only speak of one.
 */

/** How far a rule reaches into the value of a member. */
export type Reach =
  /** Everything below it but booleans, null and members that only describe. */
  | 'all'
  /** A string or number, or a list of them; objects are looked at as usual. */
  | 'scalars'
  /** Only long strings: these words are also used for counts and settings. */
  | 'long-strings'

export interface SecretName {
  readonly rule: string
  readonly reach: Reach
}

const endings: readonly (readonly [rule: string, reach: Reach, endings: readonly string[]])[] = [
  [
    'password',
    'all',
    'password passwords passwd passwort pwd passphrase passphrases passwordhash passwdhash pwdhash passwordvalue passwordconfirmation passwordconfirm passwordrepeat passworddigest'.split(
      ' ',
    ),
  ],
  [
    'secret',
    'all',
    'secret secretkey secretvalue secretstring secretbinary secretaccesskey apisecret mnemonic seedphrase securityanswer'.split(
      ' ',
    ),
  ],
  ['secret', 'long-strings', ['secrets']],
  ['token', 'all', 'token tokenvalue jwt securitytoken codeverifier clientassertion'.split(' ')],
  ['token', 'long-strings', ['tokens']],
  ['authorization', 'scalars', ['authorization', 'xamzsignature', 'bearer']],
  ['cookie', 'all', ['cookie', 'cookies']],
  ['api-key', 'all', 'apikey apikeys authkey accountkey licensekey'.split(' ')],
  [
    'private-key',
    'all',
    'privatekey privatekeys privatekeypem encryptionkey signingkey masterkey sharedkey sessionkey hmackey keymaterial plaintextkey'.split(
      ' ',
    ),
  ],
  ['access-key', 'scalars', ['accesskey', 'accesskeyid']],
  ['credentials', 'scalars', ['credential', 'credentials']],
]

/** These are too short to look for at the end of longer names. */
const exact: ReadonlyMap<string, string> = new Map([
  ...['cvv', 'cvv2', 'cvc', 'cvc2', 'cardnumber', 'pan'].map((name) => [name, 'card'] as const),
  ...['otp', 'totp', 'pin', 'pincode', 'mfacode', 'otpcode', 'recoverycode', 'recoverycodes'].map(
    (name) => [name, 'otp'] as const,
  ),
])

/** `isSecret`, `hasPassword`, `requireToken`: a question about a secret. */
const question = /^(?:is|has|had|requires?|needs?|uses?|allows?|supports?|without|no)(?:[A-Z_-])/

export const keyRuleNames: readonly string[] = [
  ...new Set([...endings.map(([rule]) => rule), ...exact.values()]),
]

const byEnding = endings
  .flatMap(([rule, reach, names]) => names.map((ending) => ({ ending, rule, reach })))
  .sort((a, b) => b.ending.length - a.ending.length)
const couldEndSecret = new RegExp(`(?:${byEnding.map(({ ending }) => ending).join('|')})\\d?$`)

/** A member name without case and punctuation: `X-Api-Key` → `xapikey`. */
export function normaliseName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')
}

/** The built-in rule for a member name, if it holds a secret. */
export function findSecretName(name: string): SecretName | undefined {
  if (name.length > 256 || question.test(name)) return undefined
  const normal = normaliseName(name)
  const rule = exact.get(normal)
  if (rule !== undefined) return { rule, reach: 'scalars' }
  if (!couldEndSecret.test(normal)) return undefined
  const bare = normal.replace(/\d$/, '')
  return byEnding.find(({ ending }) => bare.endsWith(ending))
}

/** Members inside a secret object which say what it is, not what it holds. */
export const describingNames: ReadonlySet<string> = new Set(
  'id name type kind arn version status state algorithm created updated expires expiration expiresat createdat domain path'.split(
    ' ',
  ),
)
