/**
 * Every setting of the service, once: its variable, its flag (`--seed-file` is INDELIBLE_SEED_FILE)
 * and what people are told of it. `read-config.ts` says what each may be.
 */
export interface Setting {
  readonly name: `INDELIBLE_${string}`
  /** What stands for its value in a flag's help. */
  readonly value: string
  /** What is in effect without it, in words. */
  readonly usual: string
  readonly meaning: string
  /**
   * Its value is nobody's business, or an `address` may have a password in it: it can be given as a
   * file, by `<name>_FILE`, and is never said.
   */
  readonly secret?: 'whole' | 'address'
  /** It matters to work on the data beside a running service, too. */
  readonly ofData?: true
}

export const settings = [
  {
    name: 'INDELIBLE_HOST',
    value: '<address>',
    usual: '127.0.0.1',
    meaning: 'address to listen on',
  },
  {
    name: 'INDELIBLE_PORT',
    value: '<number>',
    usual: '4680',
    meaning: 'port to listen on; 0 takes a free one',
  },
  {
    name: 'INDELIBLE_TLS_CERT_FILE',
    value: '<file>',
    usual: 'none: plain HTTP',
    meaning: 'certificate to serve HTTPS with, and its chain, PEM',
  },
  {
    name: 'INDELIBLE_TLS_KEY_FILE',
    value: '<file>',
    usual: 'none',
    meaning: 'its key, PEM',
  },
  {
    name: 'INDELIBLE_TRUSTED_PROXIES',
    value: '<addresses>',
    usual: 'none',
    meaning: 'proxies whose X-Forwarded-… headers are believed, with commas between',
  },
  {
    name: 'INDELIBLE_HSTS',
    value: '<boolean>',
    usual: 'false',
    meaning: 'browsers shall come by TLS alone, to hosts below this one too: true or false',
  },
  {
    name: 'INDELIBLE_DATA',
    value: '<folder>',
    usual: './indelible-data',
    meaning: 'data folder; as a flag it goes over INDELIBLE_STORE',
    ofData: true,
  },
  {
    name: 'INDELIBLE_STORE',
    value: '<folder or URL>',
    usual: 'the data folder',
    meaning: 'another folder, or postgres://…, which any number of nodes share',
    secret: 'address',
    ofData: true,
  },
  {
    name: 'INDELIBLE_GUARD',
    value: '<URL>',
    usual: 'schema indelible_guard of the store',
    meaning: 'another PostgreSQL database for the guard',
    secret: 'address',
    ofData: true,
  },
  {
    name: 'INDELIBLE_SEED_FILE',
    value: '<file>',
    usual: 'seed in the data folder',
    meaning: '32 bytes from which every key is derived',
    ofData: true,
  },
  {
    name: 'INDELIBLE_ORIGIN',
    value: '<host>',
    usual: 'indelible.invalid/<instance>',
    meaning: 'host name that the origins of new logs begin with',
    ofData: true,
  },
  {
    name: 'INDELIBLE_ROOT_KEY',
    value: '<key>',
    usual: 'made on the first start',
    meaning: 'a key with every scope, never stored',
    secret: 'whole',
  },
  {
    name: 'INDELIBLE_ADMIN_PASSWORD',
    value: '<password>',
    usual: 'made on the first start',
    meaning: 'first password of the user admin',
    secret: 'whole',
  },
  {
    name: 'INDELIBLE_REFUSED_PASSWORDS_FILE',
    value: '<file>',
    usual: 'none',
    meaning: 'passwords that no user may choose, a line each',
  },
  {
    name: 'INDELIBLE_METRICS_KEY',
    value: '<key>',
    usual: 'none: /metrics is open',
    meaning: 'closes /metrics to all but this key',
    secret: 'whole',
  },
  {
    name: 'INDELIBLE_REDACTION_FILE',
    value: '<file>',
    usual: 'the built-in rules',
    meaning: 'rules of redaction beside the built-in ones, JSON',
  },
  {
    name: 'INDELIBLE_PUBLIC_TILES',
    value: '<boolean>',
    usual: 'false',
    meaning: 'checkpoints and hash tiles without a key: true or false',
  },
  {
    name: 'INDELIBLE_OPEN_TOKENS',
    value: '<boolean>',
    usual: 'false',
    meaning: 'access tokens without a key, on loopback alone: true or false',
  },
  {
    name: 'INDELIBLE_OTLP_AUDIT',
    value: '<draft>',
    usual: 'none',
    meaning: 'OpenTelemetry’s audit signal: draft-2026-09',
  },
  {
    name: 'INDELIBLE_EMBED_ORIGINS',
    value: '<origins>',
    usual: "the service's own",
    meaning: 'whose pages may hold the viewer, with commas between',
  },
  {
    name: 'INDELIBLE_DRAIN_SECONDS',
    value: '<number>',
    usual: '0; with PostgreSQL 5',
    meaning: 'go on serving after SIGTERM',
  },
  {
    name: 'INDELIBLE_AUDIT_HOURS',
    value: '<number>',
    usual: '24',
    meaning: 'how often everything is audited; 0: nothing unless asked',
  },
  {
    name: 'INDELIBLE_LOG_LEVEL',
    value: '<level>',
    usual: 'info',
    meaning: 'diagnostics: fatal, error, warn, info, debug, trace, silent',
  },
  {
    name: 'INDELIBLE_AMQP',
    value: '<url>',
    usual: 'none',
    meaning: 'RabbitMQ whose queue events are taken from',
    secret: 'address',
  },
  {
    name: 'INDELIBLE_AMQP_QUEUE',
    value: '<name>',
    usual: 'indelible.events',
    meaning: 'its queue',
  },
  {
    name: 'INDELIBLE_AMQP_PREFETCH',
    value: '<number>',
    usual: '256',
    meaning: 'messages in hand at a time',
  },
  {
    name: 'INDELIBLE_AMQP_TENANTS',
    value: '<names>',
    usual: '*',
    meaning: 'tenants that the queue may write to',
  },
  {
    name: 'INDELIBLE_AMQP_CA_FILE',
    value: '<file>',
    usual: "the system's",
    meaning: 'authority of the broker’s certificate, PEM',
  },
  {
    name: 'INDELIBLE_AMQP_CERT_FILE',
    value: '<file>',
    usual: 'none',
    meaning: 'our certificate, PEM',
  },
  {
    name: 'INDELIBLE_AMQP_KEY_FILE',
    value: '<file>',
    usual: 'none',
    meaning: 'its key, PEM',
  },
  {
    name: 'INDELIBLE_NATS',
    value: '<url>',
    usual: 'none',
    meaning: 'NATS whose JetStream events are taken from',
    secret: 'address',
  },
  {
    name: 'INDELIBLE_NATS_STREAM',
    value: '<name>',
    usual: 'INDELIBLE',
    meaning: 'its stream',
  },
  {
    name: 'INDELIBLE_NATS_SUBJECT',
    value: '<subject>',
    usual: 'indelible.events',
    meaning: 'its subject',
  },
  {
    name: 'INDELIBLE_NATS_PREFETCH',
    value: '<number>',
    usual: '256',
    meaning: 'messages in hand at a time',
  },
  {
    name: 'INDELIBLE_NATS_TENANTS',
    value: '<names>',
    usual: '*',
    meaning: 'tenants that the stream may write to',
  },
  {
    name: 'INDELIBLE_NATS_CA_FILE',
    value: '<file>',
    usual: "the system's",
    meaning: 'authority of the servers’ certificates, PEM',
  },
  {
    name: 'INDELIBLE_NATS_CERT_FILE',
    value: '<file>',
    usual: 'none',
    meaning: 'our certificate, PEM',
  },
  {
    name: 'INDELIBLE_NATS_KEY_FILE',
    value: '<file>',
    usual: 'none',
    meaning: 'its key, PEM',
  },
  {
    name: 'INDELIBLE_NATS_CREDENTIALS_FILE',
    value: '<file>',
    usual: 'none',
    meaning: 'credentials of a NATS user (JWT and seed)',
  },
] as const satisfies readonly Setting[]

export type SettingName = (typeof settings)[number]['name']

/** The variables of the command line alone: where a service is, and with which key. */
export const commandLineVariables = [
  'INDELIBLE_URL',
  'INDELIBLE_KEY',
  'INDELIBLE_KEY_FILE',
] as const

/** The variable that names a file with a secret setting's value in it. */
export const fileVariableOf = (name: string): string => `${name}_FILE`
