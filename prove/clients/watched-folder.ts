import { join } from 'node:path'
import { type Random, type SpawnedServer, spawnServer } from '@indelible/testkit'
import { audit } from './audit.ts'
import { createClients } from './clients.ts'
import { compareWithAcknowledged, countLost } from './compare.ts'
import { isCut } from './cut.ts'
import { findUnfound } from './search.ts'
import { createWitness } from './witness.ts'

const tenants = ['acme', 'globex']

/**
 * A data folder, whose services come and go, with its clients and witnesses, who remember all that
 * any of them said.
 */
export function createWatchedFolder(options: {
  readonly folder: string
  readonly random: Random
  readonly clients: number
  readonly environment: Readonly<Record<string, string>>
}) {
  const { folder, random, environment } = options
  const clients = createClients({ random, count: options.clients, tenants })
  const witnesses = [...tenants, '_system'].map(createWitness)
  let lost = 0

  /** Cut off with the service is fine; a checkpoint that does not fit the one before is not. */
  const observe = async (server: SpawnedServer): Promise<void> => {
    try {
      for (const witness of witnesses) await witness.observe(server)
    } catch (error) {
      if (!isCut(error)) throw error
    }
  }
  return {
    clients,
    start: (more: { readonly signal?: AbortSignal } = {}) =>
      spawnServer({ ...more, folder, environment }),
    /** Everything that anybody does at a service, until it is gone. */
    async load(server: SpawnedServer): Promise<void> {
      await Promise.all([clients.run(server), observe(server)])
    },
    /**
     * Asks a service that is well for everything: what was not answered is sent again; checkpoints
     * follow each other; the logs hold what was acknowledged and nothing else; and it is found.
     * @returns what does not hold, a sentence each
     */
    async judge(server: SpawnedServer): Promise<string[]> {
      await clients.settle(server)
      for (const witness of witnesses) await witness.observe(server)
      const differences = await compareWithAcknowledged(server, clients.acknowledged)
      lost += countLost(differences)
      return [...clients.faults, ...differences, ...(await findUnfound(server, clients, random))]
    },
    audit: () => audit({ folder }),
    figures() {
      const { acknowledged, retried } = clients.figures()
      const checkpoints = witnesses.reduce((sum, { seen }) => sum + seen, 0)
      return { acknowledged, lost, ambiguous: retried, checkpoints }
    },
  }
}

export const folderAt = (context: { readonly folder: string }, n: number): string =>
  join(context.folder, String(n))
