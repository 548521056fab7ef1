import 'reflect-metadata'
import fastify from 'fastify'
import { expect, test } from 'vitest'
import { createClient } from '../index.ts'
import * as express from './express.ts'
import { auditTrail } from './fastify.ts'
import * as hono from './hono.ts'
import * as koa from './koa.ts'
import * as nest from './nest.ts'

const audit = createClient({ url: 'http://127.0.0.1:1', drainOnSigterm: false })
/** As it comes from where no compiler looks. */
const misspelt: object = { requird: true }

test.each(Object.entries({ express, hono, koa, nest }))(
  'a misspelt option of %s is refused at once: it could be `required`',
  (_name, framework) => {
    expect(() => framework.auditRoute(misspelt)).toThrow('auditRoute has no option "requird"')
    expect(() => framework.auditTrail(audit, misspelt)).toThrow(
      'auditTrail has no option "requird"',
    )
  },
)

test('a misspelt option of a Fastify route is refused when the route is declared', async () => {
  const app = fastify()
  await app.register(auditTrail(audit))
  const declare = () => app.get('/', { config: { audit: misspelt } }, () => 'fine')
  expect(declare).toThrow('auditRoute has no option "requird"')
  expect(() => auditTrail(audit, misspelt)).toThrow('auditTrail has no option')
})

test('what would leave a secret unmasked, or everything unrecorded, is refused at once', async () => {
  const misspelt: object = { payload: { redacts: ['iban'] } }
  expect(() => express.auditTrail(audit, misspelt)).toThrow('payload has no option "redacts"')
  expect(() => express.auditRoute(misspelt)).toThrow('payload has no option "redacts"')
  const text: object = { payload: { redact: 'iban' } }
  expect(() => koa.auditTrail(audit, text)).toThrow('payload.redact is a list')
  const noClient = { payload: true } as unknown as typeof audit // options in its place
  expect(() => hono.auditTrail(noClient)).toThrow('takes the client first')
})
