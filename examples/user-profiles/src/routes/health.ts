import { Router } from 'express'

/** `/healthz`: open to everybody, so it says no more than whether the application can work. */
export function createHealthRoutes({
  checkDatabase,
}: {
  readonly checkDatabase: () => Promise<unknown>
}): Router {
  const router = Router()
  router.get('/healthz', async (_request, response) => {
    const isWell = await checkDatabase().then(
      () => true,
      () => false,
    )
    response.status(isWell ? 200 : 503).json({ status: isWell ? 'ok' : 'database unavailable' })
  })
  return router
}
