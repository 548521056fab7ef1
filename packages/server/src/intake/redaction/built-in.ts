import { builtInRuleNames } from './rules.ts'

/** What each built-in rule looks for, for people; a test holds it against the rules. */
const descriptions: Readonly<Record<string, string>> = {
  password: 'Fields whose names end in password, passphrase and the like; passwords in URLs',
  secret: 'Fields whose names end in secret, secretKey, mnemonic and the like',
  token: 'Fields whose names end in token; session tokens of AWS in any text',
  authorization: 'Fields named authorization or bearer; Authorization headers in any text',
  cookie: 'Fields named cookie or cookies; Cookie headers in any text',
  'api-key': 'Fields whose names end in apiKey, authKey, accountKey or licenseKey',
  'private-key': 'Fields whose names end in privateKey, signingKey and the like; keys in PEM',
  'access-key': 'Fields whose names end in accessKey; access keys of AWS in any text',
  credentials: 'Fields whose names end in credential or credentials',
  card: 'Fields named cardNumber, cvv or pan; payment card numbers in any text',
  otp: 'Fields named otp, pin, mfaCode or recoveryCode: one-time codes',
  jwt: 'JSON Web Tokens in any text',
  'vendor-key': 'Keys of well-known vendors (GitHub, Slack, Stripe, …) in any text',
}

export interface BuiltInRule {
  readonly name: string
  readonly description: string
}

export const builtInRules: readonly BuiltInRule[] = builtInRuleNames.map((name) => ({
  name,
  description: descriptions[name] ?? '',
}))
