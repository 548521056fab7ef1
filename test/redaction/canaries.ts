import { createHash } from 'node:crypto'

/** A secret as it is planted, and the part of it that nobody may ever find again. */
export interface Canary {
  readonly name: string
  /** A text that holds it. */
  readonly text: string
  readonly secret: string
}

/** Letters and digits that look random and are the same in every run. */
function noise(seed: string, chars: number): string {
  let text = ''
  for (let round = 0; text.length < chars; round++) {
    text += createHash('sha256')
      .update(`${seed}${round}`)
      .digest('base64')
      .replace(/[^A-Za-z0-9]/g, '')
  }
  return text.slice(0, chars)
}

/** Written in halves, so that scanners of repositories don't take them for real ones. */
function prefixed(name: string, prefix: string, chars: number): Canary {
  const secret = `${prefix}${noise(name, chars)}`
  return { name, text: `called with ${secret} by mistake`, secret }
}

function within(name: string, write: (secret: string) => string): Canary {
  const secret = noise(name, 24)
  return { name, text: write(secret), secret }
}

const awsSecret = noise('aws secret key', 40)
const basic = Buffer.from(`user:${noise('basic', 18)}`).toString('base64')

/** Secrets known by how they look, or by what is written beside them, inside any text. */
export const textCanaries: readonly Canary[] = [
  prefixed('GitHub token', 'ghp' + '_', 36),
  prefixed('GitHub fine-grained token', 'github' + '_pat_', 40),
  prefixed('GitLab token', 'glp' + 'at-', 20),
  prefixed('Slack token', 'xo' + 'xb-', 24),
  prefixed('Stripe key', 'sk' + '_live_', 24),
  prefixed('webhook secret', 'wh' + 'sec_', 32),
  prefixed('model vendor key', 'sk' + '-ant-', 40),
  prefixed('Google key', 'AI' + 'za', 35),
  prefixed('npm token', 'np' + 'm_', 36),
  prefixed('PyPI token', 'py' + 'pi-', 40),
  prefixed('Hugging Face token', 'h' + 'f_', 34),
  prefixed('key of ours', 'in' + 'd_', 40),
  prefixed('AWS key id', 'AKI' + 'A', 0),
  prefixed('AWS session token', 'IQoJb3Jp' + 'Z2lu', 80),
  prefixed('JWT', `ey${'J'}hbGciOiJIUzI1NiJ9.${noise('claims', 40)}.`, 43),
  {
    name: 'AWS secret key beside its id',
    text: `AKI${'A'}IOSFODNN7CANARY1 ${awsSecret}`,
    secret: awsSecret,
  },
  {
    name: 'private key',
    text: `-----BEGIN ${'PRIVATE'} KEY-----\n${noise('pem', 64)}\n-----END ${'PRIVATE'} KEY-----`,
    secret: noise('pem', 64),
  },
  { name: 'Basic credentials', text: `Basic ${basic}`, secret: basic },
  { name: 'card', text: 'paid with 4111 1111 1111 1111', secret: '4111 1111 1111 1111' },
  { name: 'card without spaces', text: 'paid with 5555555555554444', secret: '5555555555554444' },
  within('Bearer', (secret) => `Bearer ${secret}`),
  within('header', (secret) => `Authorization: Token ${secret}`),
  within('cookie', (secret) => `Cookie: session=${secret}`),
  within('password of a URL', (secret) => `postgres://app:${secret}@db.example/main`),
  within('query string', (secret) => `https://x.example/?a=1&token=${secret}&b=2`),
  within('environment', (secret) => `DB_PASSWORD=${secret}`),
  within('command line', (secret) => `deploy --password ${secret} --force`),
  within('JSON in a text', (secret) => `{"user":"ada","password":"${secret}"}`),
  within('YAML in a text', (secret) => `user: ada\npassword: ${secret}\n`),
].map((canary) =>
  canary.name === 'AWS key id'
    ? { ...canary, secret: `AKI${'A'}IOSFODNN7CANARY2`, text: `key AKI${'A'}IOSFODNN7CANARY2` }
    : canary,
)

/** Secrets known by the name of the member that holds them. */
export const memberCanaries: readonly Canary[] = [
  'password newPassword passwd secret client_secret token accessToken refresh_token apiKey X-Api-Key',
  'privateKey encryption_key secretAccessKey authorization cookie otp recoveryCode credentials jwt',
]
  .join(' ')
  .split(' ')
  .map((name) => ({ name, text: noise(`member ${name}`, 24), secret: noise(`member ${name}`, 24) }))
