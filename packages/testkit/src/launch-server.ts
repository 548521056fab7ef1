import { type SpawnedServer, spawnServer } from './spawn-server.ts'

/** The service as a process of its own, at its most talkative. */
export type LaunchedServer = SpawnedServer

/** Launches `indelible serve` on a data folder with everything it can write to its diagnostics. */
export const launchServer = ({ folder }: { readonly folder: string }): Promise<LaunchedServer> =>
  spawnServer({ folder, environment: { INDELIBLE_LOG_LEVEL: 'trace' } })
