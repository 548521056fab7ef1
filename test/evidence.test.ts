import {
  equalBytes,
  Frontier,
  formatHex,
  hashLeaf,
  parseHex,
  parseReceipt,
  parseVerifierKey,
  partialWidth,
  tilePath,
  tileWidth,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
  verifyReceipt,
} from '@indelible/proof'
import { startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'

/** Everything a sceptic can ask for, checked with nothing but @indelible/proof. */
const size = 700
const tenant = 'proved'
const server = await startTestServer()
const { ask, post } = server
const hashes = await appendAll()
const log = (await ask(`/v1/logs/${tenant}`)).json
/** Of a checkpoint that covers all: a receipt waits for one. */
const lastReceipt = await ask(`/v1/events/e${size - 1}/receipt?tenant=${tenant}`)
afterAll(() => server[Symbol.asyncDispose]())

async function appendAll(): Promise<string[]> {
  const events = Array.from({ length: size }, (_, at) => ({
    ...{
      tenant,
      id: `e${at}`,
      action: at % 2 === 0 ? 'even' : 'odd',
      actor: { id: `u_${at % 7}` },
    },
    ...(at % 3 === 0 ? { data: { at } } : {}),
  }))
  const found: string[] = []
  for (let at = 0; at < size; at += 100) {
    const { json } = await post('/v1/events', events.slice(at, at + 100))
    found.push(...json.entries.map(({ hash }: { hash: string }) => hash))
  }
  return found
}

async function fetchBytes(path: string): Promise<Uint8Array> {
  const headers = { authorization: `Bearer ${testRootKey}` }
  const response = await fetch(`${server.url}/v1/logs/${tenant}/${path}`, { headers })
  expect(response.status, path).toBe(200)
  return new Uint8Array(await response.arrayBuffer())
}

const bytesOf = (hex: string) => parseHex(hex) ?? new Uint8Array()
const rootOf = (leaves: readonly string[]): Uint8Array => {
  const frontier = new Frontier()
  for (const leaf of leaves) frontier.append(bytesOf(leaf))
  return frontier.root()
}

describe('the checkpoint', () => {
  test('is signed by the log’s key and cosigned with the time, and its root is of what was answered', async () => {
    expect(log).toMatchObject({ tenant, size })
    const response = await ask(`/v1/logs/${tenant}/checkpoint`)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    const keys = [log.vkey, log.cosigner].map(parseVerifierKey)
    const checkpoint = await verifyCheckpoint(response.text, keys)
    expect(checkpoint).toMatchObject({ origin: log.origin, size })
    expect(checkpoint.cosigned).toHaveLength(1)
    expect(formatHex(checkpoint.root)).toBe(formatHex(rootOf(hashes)))
    expect(formatHex(checkpoint.root)).toBe(log.root)
    expect(response.text.split('\n\n')[0]?.split('\n')).toHaveLength(3)
  })
})

describe('tiles', () => {
  const tilesOf = (level: number, count: number) =>
    Array.from({ length: Math.ceil(count / tileWidth) }, (_, index) => {
      const width = Math.min(tileWidth, count - index * tileWidth)
      return { level, index, width }
    })

  test('alone rebuild the tree of the checkpoint, level by level', async () => {
    const leaves: Uint8Array[] = []
    for (const { index, width } of tilesOf(0, size)) {
      const bytes = await fetchBytes(tilePath(0, index, width))
      expect(bytes).toHaveLength(width * 32)
      for (let at = 0; at < bytes.length; at += 32) leaves.push(bytes.slice(at, at + 32))
    }
    expect(leaves.map(formatHex)).toEqual(hashes)
    const frontier = new Frontier()
    const fullTiles: Uint8Array[] = []
    for (const leaf of leaves) {
      frontier.append(leaf, (height, _, hash) => {
        if (height === 8) fullTiles.push(hash)
      })
    }
    expect(formatHex(frontier.root())).toBe(log.root)
    const above = await fetchBytes(tilePath(1, 0, partialWidth(size, 1)))
    expect(Buffer.from(above)).toEqual(Buffer.concat(fullTiles))
  })

  test('of entries hold texts whose leaf hashes are those of the tree', async () => {
    const found: string[] = []
    for (const { index, width } of tilesOf(0, size)) {
      const bytes = await fetchBytes(tilePath('entries', index, width))
      const view = new DataView(bytes.buffer)
      for (let at = 0; at < bytes.length; ) {
        const length = view.getUint16(at)
        found.push(formatHex(hashLeaf(bytes.subarray(at + 2, at + 2 + length))))
        at += 2 + length
      }
    }
    expect(found).toEqual(hashes)
  })

  test('that are full never change; partial ones of any width are served, too', async () => {
    const cacheOf = async (path: string) =>
      (await ask(`/v1/logs/${tenant}/${path}`)).headers.get('cache-control')
    expect(await cacheOf('tile/0/000')).toContain('immutable')
    expect(await cacheOf('tile/0/002.p/188')).not.toContain('immutable')
    const full = await fetchBytes('tile/0/001')
    for (const width of [1, 2, 100, 255]) {
      const partial = await fetchBytes(tilePath(0, 1, width))
      expect(equalBytes(partial, full.slice(0, width * 32))).toBe(true)
    }
    expect((await ask(`/v1/logs/${tenant}/tile/0/002`)).json.code).toBe('resource-unknown')
    expect((await ask(`/v1/logs/${tenant}/tile/0/002.p/189`)).json.code).toBe('resource-unknown')
  })
})

describe('proofs', () => {
  const proofs = `/v1/logs/${tenant}/proofs`
  const sizes = [1, 2, 3, 7, 8, 9, 255, 256, 257, 511, 512, 513, 699, 700]

  test('of inclusion hold for first, middle and last entries of trees of many sizes', async () => {
    for (const of of sizes) {
      for (const index of new Set([0, Math.floor(of / 2), of - 1])) {
        const { json } = await ask(`${proofs}/inclusion?index=${index}&size=${of}`)
        expect(json).toMatchObject({
          index,
          size: of,
          root: formatHex(rootOf(hashes.slice(0, of))),
        })
        verifyInclusion({
          ...{ index, size: of, leafHash: bytesOf(hashes[index] ?? '') },
          ...{ hashes: json.hashes.map(bytesOf), root: bytesOf(json.root) },
        })
      }
    }
    expect((await ask(`${proofs}/inclusion?index=5`)).json.size).toBe(size)
  })

  test('of consistency hold between trees of many sizes', async () => {
    for (const from of sizes) {
      for (const to of sizes.filter((other) => other >= from)) {
        const { json } = await ask(`${proofs}/consistency?from=${from}&to=${to}`)
        verifyConsistency({
          ...{ from, to, fromRoot: rootOf(hashes.slice(0, from)), toRoot: bytesOf(json.root) },
          hashes: json.hashes.map(bytesOf),
        })
        expect(json.root).toBe(formatHex(rootOf(hashes.slice(0, to))))
      }
    }
    expect((await ask(`${proofs}/consistency?from=0&to=9`)).json.hashes).toEqual([])
    const { json } = await ask(`${proofs}/consistency?from=0&to=0`)
    expect(json).toEqual({ from: 0, to: 0, root: formatHex(rootOf([])), hashes: [] })
  })
})

describe('receipts', () => {
  test('verify offline against the pinned key, and say what the entry says', async () => {
    expect(lastReceipt.status).toBe(200)
    for (const at of [0, 1, 255, 256, 699]) {
      const { json } = await ask(`/v1/events/e${at}/receipt?tenant=${tenant}`)
      const verified = await verifyReceipt(json, [log.vkey])
      const entry = (await ask(`/v1/events/e${at}?tenant=${tenant}`)).json
      expect(verified).toMatchObject({ origin: log.origin, index: at, hash: entry.hash })
      expect(verified.event).toEqual(entry.event)
      expect(new Date(verified.received).toISOString()).toBe(entry.received)
    }
  })

  test('disclose the parts that are named and nothing of the others', async () => {
    const { json, text } = await ask(`/v1/events/e3/receipt?tenant=${tenant}&parts=core,data`)
    expect(Object.keys(json.parts).sort()).toEqual(['core', 'data'])
    expect(text).not.toContain('u_3')
    const verified = await verifyReceipt(json, [log.vkey])
    expect(verified.parts).toMatchObject([
      { label: 'actor', status: 'undisclosed' },
      { label: 'core', status: 'shown' },
      { label: 'data', status: 'shown' },
    ])
  })

  test('do not verify against the key of another log, nor with anything in them changed (R-07)', async () => {
    await post('/v1/events', { action: 'a', actor: { id: 'u' }, tenant: 'stranger' })
    const stranger = (await ask('/v1/logs/stranger')).json
    const receipt = lastReceipt.json
    await expect(verifyReceipt(receipt, [stranger.vkey])).rejects.toThrow()
    const { core } = parseReceipt(receipt).parts
    const text = core?.text.replace('odd', 'ood')
    const forged = { ...receipt, parts: { ...receipt.parts, core: { ...core, text } } }
    await expect(verifyReceipt(forged, [log.vkey])).rejects.toThrow()
    const moved = { ...receipt, proof: receipt.proof.replace('index 699', 'index 698') }
    await expect(verifyReceipt(moved, [log.vkey])).rejects.toThrow()
  })
})

describe('an export', () => {
  const exported = async (search: string) => {
    const answer = await ask(`/v1/export?tenant=${tenant}&${search}`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="indelible-[0-9A-Z.-]+\.(ndjson|csv)"$/,
    )
    return answer
  }

  test('as NDJSON is every entry as a search returns it, past any page', async () => {
    const { text, headers } = await exported('order=asc')
    expect(headers.get('content-type')).toContain('application/x-ndjson')
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ hash }) => hash)).toEqual(hashes)
    const page = await ask(`/v1/events?tenant=${tenant}&order=asc&limit=1000`)
    expect(lines).toEqual(page.json.entries)
    const odd = await exported('action=odd')
    expect(odd.text.trimEnd().split('\n')).toHaveLength(size / 2)
    expect(JSON.parse(odd.text.split('\n')[0] ?? '').index).toBe(size - 1)
  })

  test('as CSV begins no cell as a formula and lets nothing break out of its cell', async () => {
    const payloads = ['=1+1', '+1', '-1', '@x', '\t=1', '\r=1', '＝1', 'a"\r\n=1,"b', ' =1']
    await post(
      '/v1/events',
      payloads.map((name, at) => ({
        ...{ tenant: 'sheet', id: `c${at}`, action: name, source: name },
        actor: { id: name, name },
        data: { [name]: name },
      })),
    )
    const { text, headers } = await ask('/v1/export?tenant=sheet&format=csv&order=asc')
    expect(headers.get('content-type')).toContain('text/csv')
    const records = parseCsv(text)
    expect(records).toHaveLength(payloads.length + 1)
    for (const record of records) {
      expect(record).toHaveLength(records[0]?.length ?? 0)
      for (const cell of record) expect(cell).not.toMatch(/^\s*[=+\-@＝]|^[\t\r\n]/)
    }
  })

  test('as receipts is a manifest and a receipt a line, each of which verifies', async () => {
    const { text } = await exported('format=receipts&actor.id=u_1')
    const [manifest, ...receipts] = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(manifest).toMatchObject({ tenant, origin: log.origin, vkey: log.vkey, size })
    expect(receipts).toHaveLength(size / 7)
    const indexes = new Set<number>()
    for (const receipt of receipts) {
      const verified = await verifyReceipt(receipt, [log.vkey])
      expect(verified.hash).toBe(hashes[verified.index])
      indexes.add(verified.index)
    }
    expect(indexes.size).toBe(size / 7)
  })
})

/** RFC 4180, so that the test reads cells as a spreadsheet does. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [[]]
  for (const [, quoted = '', end] of text.matchAll(/"((?:[^"]|"")*)"(,|\r\n)/g)) {
    records.at(-1)?.push(quoted.replaceAll('""', '"'))
    if (end === '\r\n') records.push([])
  }
  expect(records.pop()).toEqual([])
  return records
}
