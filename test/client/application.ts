import { ClientError, createClient } from '@indelible/client'

/**
 * An application that records as fast as it is let, until it is killed. On stdout it says which events
 * it was promised: `r <id>` once `record` returned, `a <id>` once `append` resolved.
 */
const [url = '', key = '', spool = '', run = '', requestTimeoutMs = ''] = process.argv.slice(2)
const { writeSync } = await import('node:fs')
const client = createClient({
  url,
  key,
  spool,
  tenant: 'app',
  source: 'test',
  requestTimeoutMs: Number(requestTimeoutMs),
  onRejected: ({ event, error }) => say(`x ${JSON.stringify(event)} ${error.message}`),
})
// At once, past every buffer: what was said before a SIGKILL is what was promised.
const say = (line: string): void => {
  const bytes = Buffer.from(`${line}\n`)
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(1, bytes, written)
    } catch (error) {
      // The reader is behind.
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
    }
  }
}

const event = (id: string) => ({ action: 'load.made', actor: { id: 'u_1' }, id, data: { run } })

async function appendAll(lane: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    const id = `${run}-a${lane}-${n}`
    try {
      await client.append(event(id))
      say(`a ${id}`)
    } catch (error) {
      // Not promised, so nobody's loss.
      if (!(error instanceof ClientError && error.isTransient)) throw error
    }
  }
}

async function recordAll(): Promise<void> {
  for (let n = 0; ; n += 1) {
    const id = `${run}-r${n}`
    client.record(event(id))
    say(`r ${id}`)
    if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 4))
  }
}

say('ready')
await Promise.all([recordAll(), appendAll(0), appendAll(1)])
