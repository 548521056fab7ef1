import type { Clock } from '../base/clock.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { LogHead } from '../store/store.ts'
import type { Authenticator } from './authenticate.ts'
import type { ReadAudit } from './read-audit.ts'
import type { Reader } from './reader.ts'

/** What the reading routes are built from. */
export interface ReadParts {
  readonly authenticator: Authenticator
  readonly reader: Reader
  readonly ledger: Pick<Ledger, 'describeLog' | 'readCheckpoint' | 'waitForCheckpoint' | 'onGrowth'>
  readonly readAudit: ReadAudit
  readonly clock: Clock
  readonly listLogs: () => Promise<LogHead[]>
}
