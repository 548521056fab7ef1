import type { Client } from '@indelible/client'
import { Router } from 'express'
import { readChanges } from '../trail/read-changes.ts'
import { parseChangeFilter } from './audit-input.ts'

/** `/audit`: who changed what, and when. */
export function createAuditRoutes(options: {
  readonly audit: Pick<Client, 'search'>
  /** Gives what was committed before some time to reach the log. */
  readonly catchUp: () => Promise<void>
}): Router {
  const router = Router()
  router.get('/audit', async (request, response) => {
    const filter = parseChangeFilter(request.query)
    await options.catchUp()
    response.json(await readChanges(options.audit, filter))
  })
  return router
}
