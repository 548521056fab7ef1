import { startTestServer, testRootKey } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { runCaptured } from '../testing/run-captured.ts'

test('logs and tokens are given another key, and what signs is listed', async () => {
  await using server = await startTestServer()
  await server.post('/v1/events', { action: 'a.b', actor: { id: 'u_1' }, tenant: 'acme' })
  const environment = { INDELIBLE_URL: server.url, INDELIBLE_KEY: testRootKey }
  const run = (...words: string[]) => runCaptured(['keys', ...words], { environment })
  const vkeyOf = async (tenant: string) => (await server.ask(`/v1/logs/${tenant}`)).json.vkey
  const [system, acme] = [await vkeyOf('_system'), await vkeyOf('acme')]

  const nothing = await run('rotate')
  expect(nothing.code).toBe(2)
  expect(nothing.stderr).toContain('--tokens, --tenant <name>, or --all')
  expect((await run('rotate', '--tenant', 'nobody')).code).toBe(2)

  const one = await run('rotate', '--tenant', 'acme', '--json')
  expect(JSON.parse(one.stdout)).toMatchObject({ tenant: 'acme', vkey: await vkeyOf('acme') })
  expect(await vkeyOf('_system')).toBe(system)
  const all = await run('rotate', '--all', '--tokens', '--revoke')
  expect(all.code).toBe(0)
  expect(all.stdout).toContain(`acme  ${await vkeyOf('acme')}`)
  expect(all.stdout).toContain(`_system  ${await vkeyOf('_system')}`)
  expect(all.stdout).toContain('tokens  generation 2')

  const { stdout } = await run('list', '--signing')
  const lines = stdout.split('\n')
  const stateOf = (key: string) => lines.find((line) => line.includes(key)) ?? ''
  expect(stateOf(await vkeyOf('acme'))).toMatch(/ signs$/)
  expect(stateOf(acme)).toMatch(/signs no more$/)
  expect(stateOf('generation 2')).toMatch(/ signs$/)
})
