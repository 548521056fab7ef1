// Loaded by `--import` into a service that a stage starts, and into each of its threads: changes
// sources while they are loaded, and nothing on the disk.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type Edit, repository } from './planting.ts'

const edits: readonly Edit[] = JSON.parse(readFileSync(process.env.PROVE_EDITS ?? '', 'utf8'))
const editsByPath = Map.groupBy(edits, ({ file }) => `${repository}/${file}`)

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const due = url.startsWith('file:') ? editsByPath.get(fileURLToPath(url)) : undefined
    if (due === undefined) return loaded
    const source = Buffer.from(loaded.source as Uint8Array).toString()
    const edited = due.reduce(
      (text, { find, replace }) => text.replace(find, () => replace),
      source,
    )
    return { ...loaded, source: edited }
  },
})
