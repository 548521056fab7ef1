import { type LogInfo, limits } from '@indelible/protocol'
import type { FastifyRequest } from 'fastify'
import { assertCovers, assertScope } from '../admin/principal.ts'
import { Refusal } from '../base/refusal.ts'
import type { StoredCheckpoint } from '../store/store.ts'
import { principalOf } from './authenticate.ts'
import type { ReadParts } from './read-parts.ts'

type Parts = Pick<ReadParts, 'ledger'>

/** A path can hold any text; PostgreSQL fails on a NUL instead of finding nothing. */
const mayName = (tenant: string): boolean => !tenant.includes('\0')

/** The log of a tenant. @throws Refusal `log-unknown` */
export async function findLog({ ledger }: Parts, tenant: string): Promise<LogInfo> {
  const log = mayName(tenant) ? await ledger.describeLog(tenant) : undefined
  if (log !== undefined) return log
  throw new Refusal('log-unknown', { detail: `The tenant "${tenant}" has no log yet.` })
}

/** The log that a path names, if the caller may read it. @throws Refusal `scope-insufficient` too */
export async function findReadableLog(request: FastifyRequest, parts: Parts): Promise<LogInfo> {
  const { tenant } = request.params as { tenant: string } // of routes with `:tenant`
  const principal = principalOf(request)
  assertScope(principal, 'read')
  assertCovers(principal, tenant)
  return findLog(parts, tenant)
}

/** A log's last checkpoint. @throws Refusal `log-unknown` `checkpoint-pending` */
export async function findCheckpoint(parts: Parts, tenant: string): Promise<StoredCheckpoint> {
  const checkpoint = mayName(tenant) ? await parts.ledger.readCheckpoint(tenant) : undefined
  if (checkpoint !== undefined) return checkpoint
  await findLog(parts, tenant)
  throw refusePending()
}

/** A checkpoint of `size` entries or more, waited for a while. @throws as `findCheckpoint` */
export async function waitForCheckpoint(
  parts: Parts,
  tenant: string,
  size: number,
): Promise<StoredCheckpoint> {
  const signal = AbortSignal.timeout(limits.receiptWaitMsMax)
  if (await parts.ledger.waitForCheckpoint(tenant, size, signal)) {
    return findCheckpoint(parts, tenant)
  }
  throw refusePending()
}

const refusePending = (): Refusal =>
  new Refusal('checkpoint-pending', {
    detail: 'No signed checkpoint covers what you ask for yet. Ask again soon.',
  })
