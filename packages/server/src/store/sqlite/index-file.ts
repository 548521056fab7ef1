import { hash, randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { IndexedGroup } from '../indexed-facts.ts'
import { closeOnFailure, openDatabase } from './open.ts'

/**
 * The derived index: facts of every entry as short tokens in a contentless FTS5 table. It holds
 * nothing that log.db doesn't, and can be deleted at will.
 */

const schemaVersion = 1
const secretBytes = 32
/** Hex digits of a token: 64 bits. */
const tokenChars = 16

const schema = `
  CREATE TABLE state (
    version INTEGER NOT NULL,
    instance TEXT NOT NULL,
    secret BLOB NOT NULL,
    watermark INTEGER NOT NULL,
    hash BLOB
  ) STRICT;

  CREATE TABLE span (
    tenant TEXT PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE VIRTUAL TABLE fact USING fts5 (
    tokens, content = '', detail = none, columnsize = 0, tokenize = 'ascii'
  );
`

export interface IndexState {
  /** Every entry up to this seq is indexed. */
  readonly watermark: number
  /** Leaf hash of the entry at the watermark: tells a log that was rolled back or replaced. */
  readonly hash: Uint8Array | null
  readonly instance: string
  readonly secret: Uint8Array
}

/** Opens an index file to write, making it if it is new. */
export function openIndex(path: string, instance: string): DatabaseSync {
  const database = openDatabase({ path, synchronous: 'NORMAL', cacheKib: 8 * 1024 })
  return closeOnFailure(database, () => prepareIndex(database, instance))
}

function prepareIndex(database: DatabaseSync, instance: string): void {
  database.exec('PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864')
  const isNew =
    database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'state'").get() === undefined
  if (!isNew) return
  database.exec(`BEGIN; ${schema}`)
  database
    .prepare('INSERT INTO state (version, instance, secret, watermark) VALUES (?, ?, ?, 0)')
    .run(schemaVersion, instance, randomBytes(secretBytes))
  database.exec('COMMIT')
}

/** @returns undefined where the file is no index of this version */
export function readIndexState(database: DatabaseSync): IndexState | undefined {
  try {
    const row = database
      .prepare('SELECT version, instance, secret, watermark, hash FROM state')
      .get() as (IndexState & { version: number }) | undefined // columns are those of IndexState
    return row?.version === schemaVersion ? row : undefined
  } catch {
    return undefined
  }
}

/**
 * Facts → tokens: 64 bits of a keyed hash over tenant and fact. Keyed, so that guesses can't be
 * tested against a stolen index; the tenant is part of it, so that no lookup can cross tenants.
 */
export function createTokenizer(secret: Uint8Array) {
  const key = Buffer.from(secret).toString('hex')
  const toToken = (tenant: string, fact: string): string =>
    hash('sha256', `${key}${tenant}\n${fact}`, 'hex').slice(0, tokenChars)
  return {
    toToken,
    /** Tokens of all groups, as the text that FTS5 indexes. A repeated token counts once there. */
    formatTokens(tenant: string, groups: readonly IndexedGroup[]): string {
      let text = ''
      for (const group of groups) {
        // Digests cost 0.45 µs each; most values recur, and bring their group along.
        if (group.memo?.tenant !== tenant) {
          const tokens = group.facts.map((fact) => toToken(tenant, fact)).join(' ')
          group.memo = { tenant, text: tokens }
        }
        text += `${group.memo.text} `
      }
      return text
    },
  }
}

/** Groups of facts (ANDed ORs) as an FTS5 expression. Tokens are hex: nothing of it is input. */
export function formatMatch(
  groups: readonly (readonly string[])[],
  toToken: (fact: string) => string,
): string {
  return groups.map((facts) => `(${facts.map(toToken).join(' OR ')})`).join(' AND ')
}
