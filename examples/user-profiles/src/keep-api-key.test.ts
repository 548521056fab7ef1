import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTemporaryFolder } from '@indelible/testkit'
import express, { type ErrorRequestHandler } from 'express'
import { expect, test } from 'vitest'
import { createAuthentication } from './http/authenticate.ts'
import { keepApiKey } from './keep-api-key.ts'

test('the key is made once, for its owner alone', () => {
  using folder = createTemporaryFolder()
  const { key, path } = keepApiKey(folder.path)
  expect(key).toMatch(/^[\w-]{32}$/)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(keepApiKey(folder.path).key).toBe(key)
})

test.each([0, 1, 31])('a key that a crash cut to %i characters is refused, not used', (chars) => {
  using folder = createTemporaryFolder()
  const { path } = keepApiKey(folder.path)
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, chars))
  expect(() => keepApiKey(folder.path)).toThrow('is damaged')
})

test('whoever sends no key is nobody, though somebody’s key were empty', async () => {
  const app = express()
  app.use(createAuthentication([{ name: 'admin', key: '' }]))
  app.use((_request, response) => void response.send('in'))
  const refuse: ErrorRequestHandler = (_error, _request, response, _next) =>
    void response.status(401).end()
  app.use(refuse)
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // not a pipe
  for (const authorization of ['Bearer', 'Bearer ', 'Basic YQ==', 'x', '']) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization } })
    expect(answer.status).toBe(401)
  }
  server.closeAllConnections()
  server.close()
})
