import { AsyncResource } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createContextKeeper, fillFromContext, parseTraceparent } from './context.ts'

const keeper = createContextKeeper()
const actorNow = (): string | undefined => keeper.current()?.actor?.id

describe('the context', () => {
  test('is never another’s in 10,000 interleaved runs', async () => {
    const jobs: (() => void)[] = []
    const seen = await Promise.all(
      Array.from({ length: 10_000 }, (_, n) =>
        keeper.run({ actor: { id: `u_${n}` } }, async () => {
          const answers = [actorNow()]
          await setImmediate()
          answers.push(actorNow())
          await Promise.all([setTimeout(n % 7), Promise.resolve()])
          answers.push(actorNow())
          await new Promise<void>((resolve) => {
            // A queue that whoever comes next works off.
            jobs.push(keeper.bind(() => resolve(void answers.push(actorNow()))))
            if (jobs.length > 3) for (const job of jobs.splice(0)) job()
            else globalThis.setTimeout(() => jobs.splice(0).map((job) => job()))
          })
          answers.push(actorNow())
          return answers
        }),
      ),
    )
    const mixedUp = seen.filter((answers, n) => answers.some((answer) => answer !== `u_${n}`))
    expect(mixedUp).toEqual([])
    expect(keeper.current()).toBeUndefined()
  })

  test('is bound to a listener, with its this and its arguments', () => {
    const emitter = new EventEmitter()
    const heard: unknown[] = []
    keeper.run({ actor: { id: 'u_1' } }, () => {
      emitter.on(
        'x',
        keeper.bind(function (this: unknown, value: number) {
          heard.push(this === emitter, value, actorNow())
        }),
      )
    })
    keeper.run({ actor: { id: 'u_2' } }, () => emitter.emit('x', 7))
    expect(heard).toEqual([true, 7, 'u_1'])
  })

  test('bound outside of any, is none: a pool’s job is not its first user’s', () => {
    const job = keeper.bind(actorNow)
    expect(keeper.run({ actor: { id: 'u_1' } }, job)).toBeUndefined()
  })

  test('is laid over the one outside, member by member', () => {
    keeper.run({ actor: { id: 'u_1' }, tenant: 'acme', context: { ip: '::1' } }, () => {
      keeper.run({ actor: { id: 'job' }, context: { request: 'r_1' } }, () => {
        const context = { ip: '::1', request: 'r_1' }
        expect(keeper.current()).toEqual({ actor: { id: 'job' }, tenant: 'acme', context })
      })
      expect(actorNow()).toBe('u_1')
    })
  })

  test('is read when it is asked for, where it is a function', () => {
    let user: string | undefined
    const late = () => (user === undefined ? {} : { actor: { id: user } })
    keeper.run({ actor: { id: 'outer' }, tenant: 'acme' }, () =>
      keeper.run(late, () => {
        expect(actorNow()).toBe('outer')
        user = 'u_1'
        expect(keeper.current()).toEqual({ actor: { id: 'u_1' }, tenant: 'acme', context: {} })
        expect(keeper.run({ tenant: 'other' }, actorNow)).toBe('u_1')
      }),
    )
  })

  test('taken up again inside of itself is asked once', () => {
    let asked = 0
    const context = () => ({ actor: { id: `u_${++asked}` } })
    const inner = () => keeper.run(context, () => keeper.run(context, actorNow))
    expect(keeper.run({ tenant: 'acme' }, inner)).toBe('u_1')
    expect(asked).toBe(1)
  })

  test('is that of the run also where a library has its own async resources', () => {
    const resource = new AsyncResource('POOL')
    keeper.run({ actor: { id: 'u_1' } }, () => {
      const bound = keeper.bind(actorNow)
      expect(resource.runInAsyncScope(bound)).toBe('u_1')
    })
  })

  test('carries the trace of a traceparent, unless a trace is given', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    expect(keeper.run({ traceparent }, keeper.current)?.context).toEqual({ trace })
    const given = keeper.run({ traceparent, context: { trace: 't' } }, keeper.current)
    expect(given?.context).toEqual({ trace: 't' })
  })
})

test('only a valid traceparent names a trace', () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736'
  expect(parseTraceparent(`00-${id}-00f067aa0ba902b7-01`)).toBe(id)
  expect(parseTraceparent(`01-${id}-00f067aa0ba902b7-01-more`)).toBe(id)
  const invalid = [
    `ff-${id}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    id,
    '',
  ]
  for (const text of invalid) expect(parseTraceparent(text), text).toBeUndefined()
})

test('an event’s own members win over the context’s', () => {
  const present = {
    actor: { id: 'u_1' },
    tenant: 'acme',
    context: { ip: '::1', agent: 'curl' },
  }
  const event = { action: 'a', actor: { id: 'u_2' }, context: { ip: '::2' } }
  expect(fillFromContext(event, present)).toEqual({
    action: 'a',
    actor: { id: 'u_2' },
    tenant: 'acme',
    context: { ip: '::2', agent: 'curl' },
  })
  expect(fillFromContext({ action: 'a' }, undefined)).toEqual({ action: 'a' })
})
