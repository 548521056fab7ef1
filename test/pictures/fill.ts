import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type TestServer, testAdminPassword } from '@indelible/testkit'

const invoiceSchema = {
  type: 'object',
  required: ['targets', 'data'],
  properties: {
    data: {
      type: 'object',
      required: ['amount'],
      properties: { amount: { type: 'string', pattern: '^\\d+\\.\\d\\d$' } },
    },
  },
}

/**
 * Something to look at on every page: the sample, tenants, people, keys, rules and a schema.
 * @returns a viewer token of tenant `aws`
 */
export async function fillForPictures(
  server: TestServer,
  { root, key }: { readonly root: string; readonly key: string },
): Promise<string> {
  const sample = join(root, 'packages/testkit/samples/cloudtrail.ndjson')
  const words = ['import', '--from', 'cloudtrail', '--tenant', 'aws', '--url', server.url, sample]
  await promisify(execFile)(
    process.execPath,
    [join(root, 'packages/cli/bin/indelible.mjs'), ...words],
    { env: { ...process.env, INDELIBLE_KEY: key } },
  )
  await send(server, 'POST', '/v1/tenants', { tenant: 'acme', name: 'Acme Ltd' })
  await send(server, 'POST', '/v1/events', {
    ...{ tenant: 'acme', action: 'invoice.paid', actor: { id: 'u_1', name: 'Zoë Okafor' } },
    ...{ targets: [{ type: 'invoice', id: '42' }], data: { amount: '12.50' } },
  })
  const password = testAdminPassword
  for (const [username, role, tenants] of [
    ['ada', 'auditor', ['aws', 'acme']],
    ['grace', 'admin', ['acme']],
    ['only-writes', 'writer', ['acme']],
  ]) {
    await send(server, 'POST', '/v1/users', { username, role, tenants, password })
  }
  for (const [name, scopes, tenants] of [
    ['billing service', ['append'], ['acme']],
    ['nightly export', ['read', 'export'], ['*']],
  ]) {
    await send(server, 'POST', '/v1/keys', { name, scopes, tenants })
  }
  await send(server, 'PUT', '/v1/redaction/rules/case-number', {
    pattern: 'CASE-####',
    action: 'mask',
  })
  await send(server, 'PUT', '/v1/tenants/acme/schemas/invoice.paid', invoiceSchema)
  await send(server, 'POST', '/v1/audits')
  while ((await send(server, 'GET', '/v1/audits')).last === null) await pause()
  return (await send(server, 'POST', '/v1/tokens', { tenant: 'aws', name: 'a customer' })).token
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 100))

async function send({ ask }: TestServer, method: string, path: string, body?: unknown) {
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const init = {
    method,
    headers: type,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
  const { status, json, text } = await ask(path, init)
  if (status >= 400) throw new Error(`${method} ${path} was answered ${status}: ${text}`)
  return json
}
