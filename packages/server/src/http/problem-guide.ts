import type { ProblemCode } from '@indelible/protocol'

/** What a problem means, beyond its title, and what the caller can do. Plain text. */
export interface Guidance {
  readonly meaning: string
  readonly remedy: string
}

/**
 * Served at /docs/problems, where the `type` of every problem points, and kept word for word in
 * docs/reference/problems.md.
 */
export const problemGuide: Readonly<Record<ProblemCode, Guidance>> = {
  'http-malformed': {
    meaning: 'The bytes are no valid HTTP/1.1 request: a bad header, two lengths, no Host.',
    remedy: 'Mend the client or the proxy in between; the connection was closed.',
  },
  'json-malformed': {
    meaning:
      'The body is not JSON that can be kept faithfully: bad syntax or UTF-8, a member twice, a lone surrogate, NUL, or a number that does not survive parsing.',
    remedy: 'Mend what writes the JSON. Send large numbers as strings. Nothing was kept.',
  },
  'query-invalid': {
    meaning: 'The search or a parameter is faulty; the detail names the column or the parameter.',
    remedy: 'Correct it. See the grammar of searches.',
  },
  'cursor-invalid': {
    meaning: 'The cursor was altered, or belongs to another query, order, tenant or service.',
    remedy: 'Start again without a cursor; send the other parameters as they were.',
  },
  'credentials-missing': {
    meaning: 'The request carries no Authorization header, and no session’s cookie.',
    remedy: 'Send Authorization: Bearer with an API key, a session or a viewer token.',
  },
  'credentials-invalid': {
    meaning: 'The credential is unknown, malformed, expired or revoked. Which, is not said.',
    remedy: 'Use another key, or log in again.',
  },
  'scope-insufficient': {
    meaning: 'The credential is good, but does not cover this act or this tenant.',
    remedy: 'Ask an administrator for a key with the scope or tenant that the detail names.',
  },
  'forgery-suspected': {
    meaning:
      'The console’s cookie came with a request that does not show that a page of this service made it; or a page elsewhere sent a log-in.',
    remedy:
      'Use the console at its own address. Programs send an Authorization header instead of the cookie.',
  },
  'entry-unknown': {
    meaning: 'No entry with this id is in the tenant, or it is not yours to see.',
    remedy: 'Check the id, and name the tenant if your key spans several.',
  },
  'log-unknown': {
    meaning: 'The tenant has no log: nothing was ever submitted to it.',
    remedy: 'Check the tenant’s name; its first event makes the log.',
  },
  'route-unknown': {
    meaning: 'The service has no such path, or not with this method.',
    remedy: 'See /docs for what there is.',
  },
  'resource-unknown': {
    meaning: 'There is no such key, user or schema, or it reaches further than you do.',
    remedy: 'List what there is, and check the name.',
  },
  'request-timeout': {
    meaning: 'The request did not arrive whole within its time.',
    remedy: 'Send it again with the same ids; look at the network in between.',
  },
  'idempotency-conflict': {
    meaning: 'The id is kept already, with other content. Nothing of the request was kept.',
    remedy: 'Give the new event an id of its own. The kept one stays as it is.',
  },
  'resource-conflict': {
    meaning: 'A resource of this name exists, or the change contradicts another.',
    remedy: 'Read it again, then decide.',
  },
  'entry-erased': {
    meaning: 'What you ask for was erased. Its proof is still served.',
    remedy: 'Read the erasure entry that is named for who, when and why.',
  },
  'body-too-large': {
    meaning: 'The body, decompressed, has more bytes than one request may have.',
    remedy: 'Send smaller batches. Nothing was kept.',
  },
  'media-type-unsupported': {
    meaning: 'The Content-Type or Content-Encoding is none that this route reads.',
    remedy: 'Send application/json; events also as application/x-ndjson, with gzip if you like.',
  },
  'event-invalid': {
    meaning:
      'One event or more breaks a rule: an unknown member, a wrong type, too deep, too large, not as the schema of its action wants it. The errors name every fault by JSON pointer.',
    remedy: 'Correct the events and send the whole batch again. Nothing was kept.',
  },
  'request-invalid': {
    meaning: 'A request of administration breaks a rule; the errors name each fault.',
    remedy: 'Correct it. Nothing was changed.',
  },
  'rate-exceeded': {
    meaning: 'The key’s own rate, or the limit of failed log-ins or of open streams, is reached.',
    remedy: 'Wait as long as Retry-After says.',
  },
  'headers-too-large': {
    meaning: 'The URL and the headers have more than 16 KiB.',
    remedy: 'Send fewer cookies, or a shorter query.',
  },
  pushback: {
    meaning: 'More is waiting to be done than may wait. Nothing of this request was kept.',
    remedy: 'Wait as long as Retry-After says and send it again with the same ids.',
  },
  'store-unavailable': {
    meaning:
      'The disk is full, or the database is held by another program or out of reach. Nothing was ' +
      'kept, unless the detail says that this is not known.',
    remedy:
      'Send it again after Retry-After, with the same ids. Operators: free some space, or see to ' +
      'the database.',
  },
  'ledger-stopped': {
    meaning:
      'A write failed in a way that leaves doubt, a log contradicts what was signed, or the logs have moved to ' +
      'another store: nothing more is appended.',
    remedy:
      'Send it again later, with the same ids. Operators: the detail and the diagnostics say which; ' +
      'after a failed write, restart.',
  },
  'checkpoint-pending': {
    meaning: 'The entry is kept, but no signed checkpoint covers it yet.',
    remedy: 'Ask again in a second. If it lasts, see /readyz: signing may have been refused.',
  },
  'clock-behind': {
    meaning:
      'The server’s clock is more than a minute behind the log’s last entry, or away from its database’s.',
    remedy: 'Send it again later, with the same ids. Operators: set the clock.',
  },
  internal: {
    meaning: 'A fault of ours; the detail has the request id and nothing else.',
    remedy: 'Send it again with the same ids, and tell the operator the request id.',
  },
}
