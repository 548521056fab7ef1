import { entryPath } from '../api/calls.ts'
import type { EntryAddress } from '../paths.ts'

/** A text as one word of a shell. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** How a program asks for the same entry; the key stays in the environment. */
export const formatCurl = (origin: string, { tenant, id }: EntryAddress): string =>
  `curl ${quote(`${origin}${entryPath(tenant, id)}`)} -H "Authorization: Bearer $INDELIBLE_KEY"`

/** How the receipt is checked without the service; its log's name may hold whatever shells obey. */
export const formatVerify = (vkey: string): string =>
  `npx indelible verify receipt.json --key ${quote(vkey)}`
