import { WorkOS as WorkOS7 } from 'workos-7'
import { WorkOS as WorkOS8 } from 'workos-8'
import { WorkOS as WorkOS11 } from 'workos-11'

/** `@workos-inc/node`, unmodified, as it comes from the registry. */
const clients = { '7.82.0': WorkOS7, '8.13.0': WorkOS8, '11.0.0': WorkOS11 } as const
export type WorkosVersion = keyof typeof clients
export const workosVersions = Object.keys(clients) as WorkosVersion[]

/** A client whose `apiHostname` is a service's. */
export function connectWorkos(version: WorkosVersion, url: string, apiKey: string) {
  const { hostname: apiHostname, port } = new URL(url)
  const options = { apiHostname, port: Number(port), https: false }
  const client = new clients[version](apiKey, options) as WorkOS8 // what is called is the same in all
  const { adminPortal = client.portal } = client as { adminPortal?: WorkOS8['portal'] } // of 11
  return { client, audit: client.auditLogs, portal: adminPortal }
}
