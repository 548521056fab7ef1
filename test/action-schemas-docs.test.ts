import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTemporaryFolder, startTestServer, testRootKey } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { readTutorial, toPattern } from './tutorial/document.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/how-to/action-schemas.md'), 'utf8')
const run = promisify(execFile)

test('docs/how-to/action-schemas.md: its commands do what they show', async () => {
  using folder = createTemporaryFolder()
  await using server = await startTestServer()
  const [, schema = ''] = /^```json\n(.*?)^```/ms.exec(page) ?? []
  writeFileSync(join(folder.path, 'plan-changed.schema.json'), schema)
  const [block = ''] = /^```console\n.*?^```$/ms.exec(page) ?? []
  const [request = ''] = /^curl .*?(?=^```)/ms.exec(page) ?? []
  const shell = async (command: string): Promise<string> => {
    const main = join(root, 'packages/cli/src/main.ts')
    const npx = `npx() { shift; '${process.execPath}' '${main}' "$@"; }`
    const env = { ...process.env, INDELIBLE_URL: server.url, INDELIBLE_KEY: testRootKey }
    const options = { cwd: folder.path, env }
    const { stdout } = await run('bash', ['-c', `${npx}\n{ ${command}\n} 2>&1 || :`], options)
    return stdout
  }
  for (const step of readTutorial(block)) {
    if (step.kind !== 'command') throw new Error('Only commands are looked for.')
    expect(await shell(step.command), step.command).toMatch(toPattern(step.output))
  }
  const answer = await shell(request.replace('http://127.0.0.1:4680', server.url))
  expect(answer).toContain(`"schema":${JSON.stringify(JSON.parse(schema))}`)
  const { schemas } = (await server.ask('/v1/tenants/default/schemas')).json
  expect(schemas).toHaveLength(1)
})
