import type { ProblemCode } from '@indelible/protocol'
import { Refusal } from '../../base/refusal.ts'
import type { App } from '../../http/app.ts'
import { fromFastify } from '../../http/framework-faults.ts'
import { routeOf } from '../../http/request-meter.ts'
import type { FaultReporter } from './fault-reports.ts'

/** Problems that are ours, or our world's. `pushback` is the load, the others are a caller's. */
const ours: ReadonlySet<ProblemCode> = new Set([
  'internal',
  'store-unavailable',
  'ledger-stopped',
  'clock-behind',
])

/** Reports what fails of requests on our side. Register it before the routes. */
export function reportRequestFaults(app: App, reporter: Pick<FaultReporter, 'report'>): void {
  app.addHook('onError', (request, _, error, done) => {
    const refusal = error instanceof Refusal ? error : fromFastify(error)
    const code = refusal?.code ?? 'internal'
    if (ours.has(code)) {
      const facts = { code, route: routeOf(request), request: request.id }
      reporter.report({ kind: 'request', error, facts })
    }
    done()
  })
}
