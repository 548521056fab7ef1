import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { testRootKey } from '@indelible/testkit'

const command = new URL('../../packages/cli/bin/indelible.mjs', import.meta.url).pathname

/** `indelible import`. @returns what it says of each file */
export async function importFiles(
  paths: readonly string[],
  options: { readonly from: string; readonly url: string; readonly tenant: string },
) {
  const { from, url, tenant } = options
  const flags = ['--from', from, '--json', '--url', url, '--tenant', tenant]
  const env = { ...process.env, INDELIBLE_KEY: testRootKey }
  const words = [command, 'import', ...flags, ...paths]
  const { stdout } = await promisify(execFile)(process.execPath, words, { env })
  return stdout
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line))
}
