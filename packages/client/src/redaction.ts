/**
 * Masks secrets by the names of their members before anything waits on a disk in plain text. The
 * service does so again, by more rules; a mask made here is one it leaves as it is.
 */

/** Deeper is masked as a whole: bounds the recursion, and an event may not be nested much deeper. */
const depthMax = 28
/** What counts and settings are called, too, is a secret only if it is long. */
const longStringChars = 16

interface SecretName {
  readonly rule: string
  /** `values`: objects below it are looked at as usual. */
  readonly reach: 'all' | 'values' | 'long-strings'
}

/** The service's built-in rules for names, compared without case and punctuation, by their end. */
const rules: readonly (SecretName & { readonly pattern: RegExp })[] = [
  {
    rule: 'password',
    reach: 'all',
    pattern:
      /(?:(?:password|passwd|pwd)(?:hash)?|passwords|passwort|passphrases?|password(?:value|confirm(?:ation)?|repeat|digest))\d?$/,
  },
  {
    rule: 'secret',
    reach: 'all',
    pattern:
      /(?:secret(?:key|value|string|binary|accesskey)?|apisecret|mnemonic|seedphrase|securityanswer)\d?$/,
  },
  {
    rule: 'token',
    reach: 'all',
    pattern: /(?:token(?:value)?|jwt|codeverifier|clientassertion)\d?$/,
  },
  { rule: 'authorization', reach: 'values', pattern: /(?:authorization|xamzsignature|bearer)\d?$/ },
  { rule: 'cookie', reach: 'all', pattern: /cookies?\d?$/ },
  { rule: 'api-key', reach: 'all', pattern: /(?:apikeys?|(?:auth|account|license)key)\d?$/ },
  {
    rule: 'private-key',
    reach: 'all',
    pattern:
      /(?:privatekeys?|privatekeypem|(?:encryption|signing|master|shared|session|hmac)key|keymaterial|plaintextkey)\d?$/,
  },
  { rule: 'access-key', reach: 'values', pattern: /accesskey(?:id)?\d?$/ },
  { rule: 'credentials', reach: 'values', pattern: /credentials?\d?$/ },
  { rule: 'secret', reach: 'long-strings', pattern: /secrets\d?$/ },
  { rule: 'token', reach: 'long-strings', pattern: /tokens\d?$/ },
  { rule: 'card', reach: 'values', pattern: /^(?:cv[vc]2?|cardnumber|pan)$/ },
  {
    rule: 'otp',
    reach: 'values',
    pattern: /^(?:t?otp|pin(?:code)?|(?:mfa|otp)code|recoverycodes?)$/,
  },
]
/** `hasPassword`: a question about a secret. */
const question = /^(?:is|has|had|requires?|needs?|uses?|allows?|supports?|without|no)(?:[A-Z_-])/
/** Members inside a secret object that say what it is, not what it holds. */
const describing =
  /^(?:id|name|type|kind|arn|version|status|state|algorithm|created|updated|expires|expiration|expiresat|createdat|domain|path)$/
const marker = /^\[(?:redacted|hash):[\w:-]{1,64}\]$/

/** Distinct names are few; a caller who invents them must not fill the memory. */
const knownNamesMax = 4_096
const known = new Map<string, SecretName | undefined>()

const normalise = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')

function findSecretName(name: string): SecretName | undefined {
  if (known.has(name)) return known.get(name)
  const normal = normalise(name)
  const isSpokenOf = name.length > 256 || question.test(name)
  const found = isSpokenOf ? undefined : rules.find(({ pattern }) => pattern.test(normal))
  if (known.size >= knownNamesMax) known.clear()
  if (name.length <= 128) known.set(name, found)
  return found
}

/**
 * The value with `[redacted:password]` and its like in the place of secrets, known by the names of
 * their members; the value itself where there are none, else a copy that shares what stayed the same.
 * @param value as `JSON.parse` gives it; it is never changed
 * @param extraNames members to mask beside, whatever their case and punctuation
 */
export function redactSecrets(value: unknown, extraNames: readonly string[] = []): unknown {
  const extra = new Map(extraNames.map((name) => [normalise(name), createExtraRule(name)]))
  const find = (name: string): SecretName | undefined =>
    (extra.size > 0 ? extra.get(normalise(name)) : undefined) ?? findSecretName(name)
  return redact(value, { find, force: undefined, depth: 1 })
}

/** Within what the service takes for its own mark. */
function createExtraRule(name: string): SecretName {
  const rule = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
  return { rule: rule === '' ? 'custom' : rule, reach: 'all' }
}

interface Walk {
  readonly find: (name: string) => SecretName | undefined
  /** What is done to everything below a member of a secret name. */
  readonly force: SecretName | undefined
  readonly depth: number
}

function redact(value: unknown, walk: Walk): unknown {
  if (typeof value === 'string' || typeof value === 'number') return redactScalar(value, walk.force)
  if (typeof value !== 'object' || value === null) return value
  if (walk.depth > depthMax) return '[redacted:depth]'
  const below = { ...walk, depth: walk.depth + 1 }
  if (Array.isArray(value)) return redactArray(value, below)
  const force = walk.force?.reach === 'values' ? undefined : walk.force
  return redactObject(value as Readonly<Record<string, unknown>>, { ...below, force }) // as JSON.parse gives it
}

function redactScalar(value: string | number, force: SecretName | undefined): unknown {
  if (force === undefined || value === '') return value
  if (typeof value === 'string' && marker.test(value)) return value
  const isLong = typeof value === 'string' && value.length >= longStringChars
  return force.reach !== 'long-strings' || isLong ? `[redacted:${force.rule}]` : value
}

function redactArray(array: readonly unknown[], walk: Walk): readonly unknown[] {
  let copy: unknown[] | undefined
  for (const [at, item] of array.entries()) {
    const redacted = redact(item, walk)
    if (redacted === item) continue
    copy ??= [...array]
    copy[at] = redacted
  }
  return copy ?? array
}

function redactObject(object: Readonly<Record<string, unknown>>, walk: Walk) {
  const masked: [string, unknown][] = []
  for (const [name, member] of Object.entries(object)) {
    const describes = typeof member !== 'object' && describing.test(normalise(name))
    const force = (describes ? undefined : walk.force) ?? walk.find(name)
    const redacted = redact(member, { ...walk, force })
    if (redacted !== member) masked.push([name, redacted])
  }
  if (masked.length === 0) return object
  // Not by assignment: a member can be called `__proto__`.
  return Object.fromEntries([...Object.entries(object), ...masked])
}
