import { checkpointPath, entryPath } from '../api/calls.ts'
import type { EntryAddress } from '../paths.ts'

/** A text as one word of a shell. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** How a program asks for the same entry; the key stays in the environment. */
export const formatCurl = (origin: string, { tenant, id }: EntryAddress): string =>
  `curl ${quote(`${origin}${entryPath(tenant, id)}`)} -H "Authorization: Bearer $INDELIBLE_KEY"`

/** How the receipt is checked without the service; its log's name may hold whatever shells obey. */
export const formatVerify = (vkey: string): string =>
  `npx indelible verify receipt.json --key ${quote(vkey)}`

/** How the newest checkpoint is kept, under the day it is of. */
export const formatCheckpoint = (origin: string, tenant: string): string =>
  `curl -s ${quote(`${origin}${checkpointPath(tenant)}`)} -H "Authorization: Bearer $INDELIBLE_KEY" ` +
  `> "checkpoint-$(date +%F).txt"`

/** How the receipt of an entry is had; its id stands for one's own. */
export const formatReceipt = (origin: string, tenant: string): string =>
  `npx indelible show EVENT-ID --tenant ${quote(tenant)} --receipt receipt.json --url ${quote(origin)}`

/** How everything is audited, on the machine that has the data. */
export const formatAudit = (vkey: string): string => `npx indelible audit --key ${quote(vkey)}`
