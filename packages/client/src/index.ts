export type { VerifiedReceipt } from '@indelible/proof'
export type { AppendOptions } from './appends.ts'
export type { Catalogue, ChangeOf, EventOf } from './catalogue.ts'
export { type Change, describeChange } from './changes/describe-change.ts'
export type { PatchOperation } from './changes/json-patch.ts'
export type { AuditContext } from './context.ts'
export { type Client, createClient } from './create-client.ts'
export { ClientError, type Fault, type LocalCode, type ProblemCode } from './error.ts'
export type * from './event.ts'
export type { OnFull } from './intake.ts'
export type {
  ClientOptions,
  ClientStats,
  Closed,
  Dropped,
  FsyncPolicy,
  Rejected,
} from './options.ts'
export type { PreparedEvent } from './prepare.ts'
export type {
  ExportQuery,
  Filter,
  ReadOptions,
  ReceiptJson,
  SearchQuery,
  StreamOptions,
} from './reads.ts'
