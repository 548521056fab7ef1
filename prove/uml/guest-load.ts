// Runs in the guest: starts the service on the guest's disk, appends without end, and says on the
// console what was acknowledged, a line each. The host reads along, and cuts the power.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const [folder = '', life = ''] = process.argv.slice(2)
const main = join(import.meta.dirname, '../../packages/cli/src/main.ts')
const key = 'ind_root_of-the-guest-which-nobody-else-ever-sees'
const clientCount = 4
const batchEvents = 8

const service = spawn(process.execPath, [main, 'serve', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    PATH: process.env.PATH,
    INDELIBLE_PORT: '0',
    INDELIBLE_DATA: folder,
    INDELIBLE_ROOT_KEY: key,
    INDELIBLE_ADMIN_PASSWORD: 'of-the-guest-which-nobody-sees',
    INDELIBLE_LOG_LEVEL: 'error',
  },
})
service.on('exit', (code, signal) => console.log(`@broke the service ended by ${signal ?? code}`))
let said = ''
const url = await new Promise<string>((resolve) => {
  service.stdout.on('data', (chunk: Buffer) => {
    said += chunk
    const found = /"url":"(http:[^"]+)"/.exec(said)?.[1]
    if (found !== undefined) resolve(found)
  })
})
console.log('@ready')

async function append(request: string, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, n) => ({
    tenant: 'acme',
    id: `${request}:${n}of${count}`,
    action: 'order.paid',
    actor: { id: `u_${n}` },
    data: { request, n },
  }))
  const answer = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(events),
  })
  const text = await answer.text()
  console.log(answer.status > 201 ? `@broke ${answer.status} ${text}` : `@kept ${text}`)
}

async function runClient(client: number): Promise<void> {
  for (let n = 0; ; n++) {
    await append(`${life}.${client}.${n}`, n % 3 === 0 ? batchEvents : 1)
  }
}
await Promise.all(Array.from({ length: clientCount }, (_, client) => runClient(client)))
