import { auditData } from '@indelible/server'

/** @returns what an audit finds, a sentence each; a service may run on the store */
export async function audit(store: Parameters<typeof auditData>[0]): Promise<string[]> {
  const { findings } = await auditData(store)
  return findings.map((finding) => `audit: ${JSON.stringify(finding)}`)
}
