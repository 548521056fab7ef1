import type { ProblemCode } from '@indelible/protocol'

/** Credentials and cursors that the cases are made from, all of one server. */
export interface Fixture {
  /** append, read, export on `acme`. */
  readonly acmeKey: string
  /** append and read on `acme` and `beta`: no default tenant. */
  readonly twoTenantsKey: string
  /** append on `acme`, nothing else. */
  readonly appendKey: string
  /** read on `acme`, nothing else. */
  readonly readKey: string
  readonly revokedKey: string
  /** A session of the user admin, a JWT. */
  readonly session: string
  /** Made by the key of `acme`, with the filter `action:a.b`. */
  readonly viewerToken: string
  /** Of `GET /v1/events?limit=1` with the root key. */
  readonly cursor: string
}

/** One request that must be refused. Without `as` it is the root key's. */
export interface Case {
  readonly name: string
  readonly path: string
  readonly as?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly code: ProblemCode
  /** Pointers that must be among the faults. */
  readonly pointers?: readonly string[]
}

/** What the contract says of each code; on purpose not read from the server's own table. */
export const statusOf: Readonly<Partial<Record<ProblemCode, number>>> = {
  'http-malformed': 400,
  'json-malformed': 400,
  'query-invalid': 400,
  'cursor-invalid': 400,
  'credentials-missing': 401,
  'credentials-invalid': 401,
  'scope-insufficient': 403,
  'entry-unknown': 404,
  'log-unknown': 404,
  'route-unknown': 404,
  'resource-unknown': 404,
  'idempotency-conflict': 409,
  'body-too-large': 413,
  'media-type-unsupported': 415,
  'event-invalid': 422,
  'request-invalid': 422,
  'headers-too-large': 431,
}
