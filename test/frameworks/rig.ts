import type { Client } from '@indelible/client'

/** The names of an application's own functions, by which the suite steers it. */
export interface RigHooks {
  /** Called by the routes that do something; the suite counts. */
  readonly act: (what: string) => void
  /** How long a required record may take: for ever so long where there is a log. */
  readonly requiredTimeoutMs: number
}

/** The same small application in each framework, its trail included. */
export interface Rig extends AsyncDisposable {
  readonly url: string
}

/**
 * Starts the application. Its routes, in every framework:
 * `GET /items/:id` records `item.viewed` deep inside, after awaits and timers; `?ms=` waits;
 * `POST /items` answers 201 with the body it got; `GET /throws` throws; `GET /invalid` answers 422,
 * `GET /denied` 403; `GET /stream` sends three chunks; `GET /endless` never ends; `POST /upload` counts
 * the bytes of a raw body; `GET /shops/:shop/orders/:order`, in a router mounted at `/shops`;
 * `POST /vault` is `required`, named `vault.opened`, and calls `act`; `GET /quiet` is skipped;
 * `GET /reset/:token`. The actor is that of the header `x-user`, found out by a middleware behind the
 * trail; without it reading the user's id throws.
 */
export type StartRig = (audit: Client, hooks: RigHooks) => Promise<Rig>

/** What the application does deep inside a request, whatever the framework. */
export async function viewItem(audit: Client, id: string, waitMs: number): Promise<void> {
  await Promise.resolve()
  await new Promise((resolve) => setTimeout(resolve, waitMs))
  await new Promise<void>((resolve) => setImmediate(resolve))
  audit.record({ action: 'item.viewed', targets: [{ type: 'item', id }] })
}
