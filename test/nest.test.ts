import 'reflect-metadata'
import { type Client, createClient } from '@indelible/client'
import { auditTrail as auditFastify } from '@indelible/client/fastify'
import { auditRoute, auditTrail } from '@indelible/client/nest'
import { startTestServer, testRootKey } from '@indelible/testkit'
import {
  Body,
  Controller,
  type ExecutionContext,
  ForbiddenException,
  Get,
  Module,
  Param,
  Post,
  UseGuards,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { afterAll, describe, expect, test } from 'vitest'
import { decorateMethod } from './frameworks/nest.ts'

const server = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

interface Asked {
  readonly headers: { readonly 'x-user'?: string }
  user?: { readonly id: string }
}

/** Turns away who may not; who asks is known only behind it. */
const guard = {
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<Asked>()
    const id = request.headers['x-user']
    if (id === undefined) throw new ForbiddenException()
    request.user = { id }
    return true
  },
}
/** By no type of Express or Fastify: they know of no user. */
const actor = (request: Asked) => ({ id: (request.user as { id: string }).id })

/** Made anew for each test: a class keeps what decorators say of it. */
function createModule(audit: Client, acts: string[]) {
  class InvoicesController {
    view(id: string) {
      audit.record({ action: 'invoice.opened' })
      return { id }
    }
    pay(body: unknown) {
      acts.push('paid')
      return body
    }
  }
  Controller('invoices')(InvoicesController)
  UseGuards(guard)(InvoicesController)
  auditRoute({ payload: { redact: ['iban'] }, data: () => ({ area: 'billing' }) })(
    InvoicesController,
  )
  decorateMethod(InvoicesController, 'view', [Get(':id')], [Param('id')])
  const paid = auditRoute({ action: 'invoice.paid', required: true })
  decorateMethod(InvoicesController, 'pay', [Post(), paid], [Body()])
  class AppModule {}
  Module({ controllers: [InvoicesController] })(AppModule)
  return AppModule
}

const quiet = { logger: false, abortOnError: false } as const

async function startExpress(audit: Client, acts: string[], requiredTimeoutMs: number) {
  const app = await NestFactory.create(createModule(audit, acts), new ExpressAdapter(), quiet)
  app.use(auditTrail(audit, { actor: actor as never, requiredTimeoutMs, onFault: () => 1 }))
  return app
}

async function startFastify(audit: Client, acts: string[], requiredTimeoutMs: number) {
  const module = createModule(audit, acts)
  const adapter = new FastifyAdapter()
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, quiet)
  const options = { actor: actor as never, requiredTimeoutMs, onFault: () => 1 }
  await app.register(auditFastify(audit, options))
  return app
}

const post = (user?: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...(user && { 'x-user': user }) },
  body: JSON.stringify({ iban: 'DE00', amount: 12 }),
})

describe.each([
  ['express', startExpress],
  ['fastify', startFastify],
] as const)('on platform-%s', (platform, start) => {
  test('the decorator of a route adds to that of its controller, also where a guard turns away', async () => {
    const tenant = `nest-${platform}`
    const options = { url: server.url, key: testRootKey, tenant, drainOnSigterm: false }
    await using audit = createClient(options)
    const acts: string[] = []
    const app = await start(audit, acts, 30_000)
    await app.listen(0, '127.0.0.1')
    const url = `${await app.getUrl()}/invoices`
    expect((await fetch(url, post())).status).toBe(403)
    await expect.poll(() => audit.stats().delivered).toBe(1)
    expect((await fetch(url, post('u_1'))).status).toBe(201)
    expect(await (await fetch(`${url}/7`, { headers: { 'x-user': 'u_2' } })).json()).toEqual({
      id: '7',
    })
    await expect.poll(() => audit.stats().delivered).toBe(4)
    await app.close()
    const { entries } = await audit.search({ order: 'asc' })
    const told = entries.map(({ event: { action, actor, outcome, data } }) => [
      ...[action, actor?.id, outcome],
      ...[data?.endpoint, data?.area, data?.payload],
    ])
    const payload = { iban: '[redacted:iban]', amount: 12 }
    expect(told).toEqual([
      ['invoice.paid', 'anonymous', 'denied', '/invoices', 'billing', payload],
      ['invoice.paid.attempted', 'u_1', 'unknown', '/invoices', 'billing', undefined],
      ['invoice.paid', 'u_1', 'success', '/invoices', 'billing', payload],
      ['invoice.opened', 'u_2', 'success', undefined, undefined, undefined],
      ['invoices.read', 'u_2', 'success', '/invoices/:id', 'billing', undefined],
    ])
    expect(acts).toEqual(['paid'])
  })

  test('without the log what is required is not done', async () => {
    const away = { url: 'http://127.0.0.1:1', closeTimeoutMs: 1, onDropped: () => undefined }
    await using audit = createClient({ ...away, drainOnSigterm: false })
    const acts: string[] = []
    const app = await start(audit, acts, 200)
    await app.listen(0, '127.0.0.1')
    const answer = await fetch(`${await app.getUrl()}/invoices`, post('u_1'))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(await answer.json()).toMatchObject({ code: 'audit-unavailable' })
    expect(acts).toEqual([])
    await app.close()
  })
})

test('on Fastify the middleware of Express says what to use instead', async () => {
  await using audit = createClient({ url: server.url, drainOnSigterm: false })
  const app = await NestFactory.create(createModule(audit, []), new FastifyAdapter(), quiet)
  app.use(auditTrail(audit))
  await app.listen(0, '127.0.0.1')
  const answer = await fetch(`${await app.getUrl()}/invoices/7`)
  await app.close()
  expect(answer.status).toBe(500)
  expect(() => auditTrail(audit)({} as never, {} as never, () => undefined)).toThrow(
    /app\.register\(auditTrail.*@indelible\/client\/fastify/,
  )
})
