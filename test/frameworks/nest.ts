import 'reflect-metadata'
import { Readable } from 'node:stream'
import type { Client } from '@indelible/client'
import { auditRoute, auditTrail } from '@indelible/client/nest'
import {
  Body,
  Controller,
  type ExecutionContext,
  ForbiddenException,
  Get,
  Inject,
  Injectable,
  Module,
  Param,
  Post,
  Query,
  Req,
  Res,
  StreamableFile,
  UnprocessableEntityException,
} from '@nestjs/common'
import { APP_GUARD, NestFactory } from '@nestjs/core'
import type { Request, Response } from 'express'
import { type RigHooks, type StartRig, viewItem } from './rig.ts'

/** `@Get('/x') view(@Param('id') id)`, said without the syntax, which Node can't strip. */
export function decorateMethod(
  on: { readonly prototype: object },
  name: string,
  decorators: readonly MethodDecorator[],
  parameters: readonly ParameterDecorator[] = [],
): void {
  const { prototype } = on
  for (const [at, decorate] of parameters.entries()) decorate(prototype, name, at)
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
  if (descriptor === undefined) throw new Error(`There is no method ${name}.`)
  for (const decorate of decorators.toReversed()) decorate(prototype, name, descriptor)
}

class Items {
  readonly #audit: Client
  constructor(audit: Client) {
    this.#audit = audit
  }
  view(id: string, waitMs: string | undefined) {
    return viewItem(this.#audit, id, Number(waitMs ?? 0))
  }
}
Injectable()(Items)
Inject('audit')(Items, undefined, 0)

class ItemsController {
  readonly #items: Items
  constructor(items: Items) {
    this.#items = items
  }
  async view(id: string, waitMs: string | undefined) {
    await this.#items.view(id, waitMs)
    return { id }
  }
  create(body: unknown) {
    return body
  }
}
Controller('items')(ItemsController)
Inject(Items)(ItemsController, undefined, 0)
decorateMethod(ItemsController, 'view', [Get(':id')], [Param('id'), Query('ms')])
decorateMethod(ItemsController, 'create', [Post()], [Body()])

class OrdersController {
  view(parameters: object) {
    return parameters
  }
}
Controller('shops/:shop/orders')(OrdersController)
decorateMethod(OrdersController, 'view', [Get(':order')], [Param()])

class OtherController {
  readonly #hooks: RigHooks
  constructor(hooks: RigHooks) {
    this.#hooks = hooks
  }
  throw() {
    throw new Error('broken')
  }
  refuse() {
    throw new UnprocessableEntityException()
  }
  deny() {
    throw new ForbiddenException()
  }
  stream() {
    return new StreamableFile(Readable.from(['one', 'two', 'three'].map(Buffer.from)))
  }
  goOn(response: Response) {
    response.write('on and on')
  }
  async upload(request: Request) {
    let bytes = 0
    for await (const chunk of request) bytes += chunk.length
    return { bytes }
  }
  open(response: Response) {
    this.#hooks.act('vault')
    response.status(200)
    return { open: true }
  }
  nothing() {
    return {}
  }
  reset() {
    return {}
  }
}
Controller()(OtherController)
Inject('hooks')(OtherController, undefined, 0)
decorateMethod(OtherController, 'throw', [Get('throws')])
decorateMethod(OtherController, 'refuse', [Get('invalid')])
decorateMethod(OtherController, 'deny', [Get('denied')])
decorateMethod(OtherController, 'stream', [Get('stream')])
decorateMethod(OtherController, 'goOn', [Get('endless')], [Res()])
decorateMethod(OtherController, 'upload', [Post('upload')], [Req()])
const opened = auditRoute({ action: 'vault.opened', required: true })
decorateMethod(OtherController, 'open', [Post('vault'), opened], [Res({ passthrough: true })])
decorateMethod(OtherController, 'nothing', [Get('quiet'), auditRoute({ skip: true })])
decorateMethod(OtherController, 'reset', [Get('reset/:token')])

/** Who asks is found out behind the trail. */
class Authentication {
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<Request>()
    const user = request.header('x-user')
    if (user !== undefined) request.user = { id: user }
    return true
  }
}

export const startNest: StartRig = async (audit, hooks) => {
  class AppModule {}
  Module({
    controllers: [ItemsController, OrdersController, OtherController],
    providers: [
      Items,
      { provide: 'audit', useValue: audit },
      { provide: 'hooks', useValue: hooks },
      { provide: APP_GUARD, useClass: Authentication },
    ],
  })(AppModule)
  const app = await NestFactory.create(AppModule, { logger: false })
  app.use(
    auditTrail(audit, {
      // As applications write it: it throws where nobody is logged in.
      actor: (request) => ({ id: (request.user as { id: string }).id }),
      payload: true,
      requiredTimeoutMs: hooks.requiredTimeoutMs,
    }),
  )
  await app.listen(0, '127.0.0.1')
  return {
    url: await app.getUrl(),
    async [Symbol.asyncDispose]() {
      app.getHttpServer().closeAllConnections()
      await app.close()
    },
  }
}
