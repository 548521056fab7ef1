import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { AuditState } from '@indelible/protocol'
import type { AuditReport } from '@indelible/server'

/** What an audit of everything found; undefined findings: it could not be had, and why. */
export interface AuditVerdict {
  readonly entries: number
  readonly findings: number | undefined
  readonly detail: string
}

const main = new URL('../packages/cli/src/main.ts', import.meta.url).pathname

/** `indelible audit`, as a person runs it beside the service. */
export async function auditByCommand(flags: readonly string[]): Promise<AuditVerdict> {
  const child = spawn(process.execPath, [...process.execArgv, main, 'audit', '--json', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written: [string, string] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    written[0] += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    written[1] += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0 && code !== 1) throw new Error(`indelible audit ended with ${code}: ${written[1]}`)
  const { entries, findings } = JSON.parse(written[0]) as AuditReport // what audit --json prints
  const detail = findings[0]?.detail ?? 'indelible audit found nothing wrong'
  return { entries, findings: findings.length, detail }
}

const askAgainMs = 1_000

/** The service's audit of itself: from elsewhere nobody reaches its data. */
export async function auditByService(service: {
  readonly url: string
  readonly key: string
}): Promise<AuditVerdict> {
  const ask = (method: string): Promise<Response> =>
    fetch(`${service.url}/v1/audits`, {
      method,
      headers: { authorization: `Bearer ${service.key}` },
    })
  const before = await ask('GET')
  const started = before.ok ? await ask('POST') : before
  if (!started.ok) {
    const detail = `not audited: the service answers ${started.status}; the key needs admin for *`
    return { entries: 0, findings: undefined, detail }
  }
  const known = ((await before.json()) as AuditState).last?.started // of GET /v1/audits
  for (;;) {
    const state = (await (await ask('GET')).json()) as AuditState // the same
    if (state.running === null && state.last !== null && state.last.started !== known) {
      const { entries, findings, found } = state.last
      const detail = found[0]?.detail ?? 'the service’s audit of itself found nothing wrong'
      return { entries, findings, detail }
    }
    if (state.running === null && state.fault !== null) {
      return { entries: 0, findings: undefined, detail: `not audited: ${state.fault.detail}` }
    }
    await setTimeout(askAgainMs)
  }
}
