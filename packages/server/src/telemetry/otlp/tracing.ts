import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Attributes,
  type Context,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_URL_SCHEME,
} from '@opentelemetry/semantic-conventions'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../http/app.ts'
import { routeOf } from '../../http/request-meter.ts'
import type { Admission } from '../../intake/admit.ts'
import type { AppendObserver } from '../../ledger/append-observer.ts'
import type { AppendMark } from '../../ledger/append-request.ts'

/** Asked every few seconds by machines: their spans would bury the others. */
const untraced = new Set(['/healthz', '/readyz', '/metrics'])

/** A request that is being traced. */
interface Traced {
  readonly context: Context
  /** How far the wall clock, by which spans go, is ahead of the steady one. */
  readonly aheadMs: number
}

/** What an append carries through the queue. */
interface Mark extends Traced {
  readonly queuedMs: number
}

/** Milliseconds that never go backwards, on the scale of the worker threads' `startedMs`. */
const steadyNow = (): number => performance.timeOrigin + performance.now()

/**
 * One trace for each request: its own span, and of an append what became of it in intake, ledger and
 * store. Spans have methods, routes, counts and times, and nothing else: no path, no query, no
 * header, no id, no address; the semantic conventions' `url.path` is left out for that reason.
 */
export function createTracing(tracer: Tracer) {
  const propagator = new W3CTraceContextPropagator()
  const requests = new WeakMap<FastifyRequest, Traced>()
  const active = new AsyncLocalStorage<Traced>()

  /** @returns undefined for what is not in the sample: it costs no more than that */
  const begin = (request: FastifyRequest, reply: FastifyReply): Traced | undefined => {
    const { method, protocol, headers } = request
    const route = routeOf(request)
    const hasRoute = route !== 'unknown'
    const aheadMs = Date.now() - steadyNow()
    const caller = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
    const span = tracer.startSpan(
      hasRoute ? `${method} ${route}` : method,
      {
        kind: SpanKind.SERVER,
        startTime: steadyNow() + aheadMs,
        attributes: {
          [ATTR_HTTP_REQUEST_METHOD]: method,
          ...(hasRoute ? { [ATTR_HTTP_ROUTE]: route } : {}),
          [ATTR_URL_SCHEME]: protocol,
        },
      },
      caller,
    )
    if (!span.isRecording()) return undefined
    reply.raw.once('close', () => {
      const { statusCode, writableFinished } = reply.raw
      if (writableFinished) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, statusCode)
      if (statusCode >= 500) {
        span.setAttribute(ATTR_ERROR_TYPE, String(statusCode))
        span.setStatus({ code: SpanStatusCode.ERROR })
      }
      span.end(steadyNow() + aheadMs)
    })
    return { context: trace.setSpan(ROOT_CONTEXT, span), aheadMs }
  }

  /** A part of a request that is over already. */
  const addSpan = (
    name: string,
    { context, aheadMs }: Traced,
    [fromMs, untilMs]: readonly [number, number],
    attributes: Attributes,
  ): void => {
    const span = tracer.startSpan(name, { startTime: fromMs + aheadMs, attributes }, context)
    span.end(untilMs + aheadMs)
  }

  return {
    traceRequests(app: App): void {
      app.addHook('onRequest', (request, reply, done) => {
        const traced = untraced.has(routeOf(request)) ? undefined : begin(request, reply)
        if (traced !== undefined) requests.set(request, traced)
        done()
      })
      // Not earlier: what is parsed of a body comes in the context of its socket.
      app.addHook('preHandler', (request, _, done) => {
        const traced = requests.get(request)
        if (traced === undefined) done()
        else active.run(traced, done)
      })
    },
    /** Admission whose time is a span of the request that submits. */
    traceAdmission: (admission: Admission): Admission => ({
      admit(values, context) {
        const traced = active.getStore()
        if (traced === undefined) return admission.admit(values, context)
        const fromMs = steadyNow()
        try {
          return admission.admit(values, context)
        } finally {
          const events = { 'indelible.events': values.length }
          addSpan('intake admit', traced, [fromMs, steadyNow()], events)
        }
      },
    }),
    appends: {
      queued(): AppendMark | undefined {
        const traced = active.getStore()
        return traced && ({ ...traced, queuedMs: steadyNow() } satisfies Mark)
      },
      committed({ requests: appended, entries, startedMs, durationMs }) {
        const group = {
          'indelible.group.requests': appended.length,
          'indelible.group.entries': entries,
        }
        for (const { mark, events } of appended) {
          if (mark === undefined) continue
          const traced = mark as Mark // made by `queued`
          const count = { 'indelible.events': events.length }
          addSpan('ledger queue', traced, [traced.queuedMs, startedMs], count)
          // The group's one commit, in the trace of each that shared it.
          addSpan('store commit', traced, [startedMs, startedMs + durationMs], group)
        }
      },
    } satisfies AppendObserver,
  }
}

export type Tracing = ReturnType<typeof createTracing>
