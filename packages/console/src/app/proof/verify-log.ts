import { checkCheckpoint, checkHistory, type LogSources, pinLog } from './follow-log.ts'
import { type Check, CheckFailed, createChecklist, type ProofReport } from './report.ts'

const wanted: readonly Check[] = ['key', 'signature', 'history']

/** Any link can name a log that never was: only one that was seen here can be missing. */
async function readKnownLog(tenant: string, sources: LogSources) {
  try {
    return await sources.readLog(tenant)
  } catch (error) {
    if (!(error instanceof CheckFailed) || isPinned(tenant, sources)) throw error
    throw new Error(error.message)
  }
}

/** A pin that can't be read is one. */
function isPinned(tenant: string, { pins }: LogSources): boolean {
  try {
    return pins.read(tenant) !== undefined
  } catch {
    return true
  }
}

/** Verifies the newest checkpoint of a log, and that the log only grew since the last one seen. */
export async function verifyLog(
  tenant: string,
  sources: LogSources & { readonly readCheckpoint: (tenant: string) => Promise<string> },
): Promise<ProofReport> {
  const checklist = createChecklist(wanted)
  try {
    const { pin, found } = await pinLog(tenant, {
      ...sources,
      readLog: () => readKnownLog(tenant, sources),
    })
    checklist.pass('key', found)
    const checkpoint = await checkCheckpoint(await sources.readCheckpoint(tenant), pin)
    checklist.pass('signature', `Ed25519, over the tree of size ${checkpoint.size}.`)
    checklist.pass('history', await checkHistory(checkpoint, pin, sources))
    const { size, cosigned } = checkpoint
    const { origin, vkey, pinned } = pin
    const facts = { tenant, origin, vkey, pinned, size, cosigned }
    return { status: 'verified', results: checklist.passed(), facts }
  } catch (error) {
    if (!(error instanceof CheckFailed)) throw error
    return { status: 'failed', results: checklist.fail(error), facts: { tenant } }
  }
}
