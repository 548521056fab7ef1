import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  Frontier,
  formatHex,
  hashEntry,
  parseEntry,
  parseHex,
  parseVerifierKey,
  VerificationError,
  verificationCodes,
  verifyConsistency,
  verifyInclusion,
  verifyNote,
  verifyReceipt,
} from '../src/index.ts'

const folder = new URL('../../../vectors/', import.meta.url)

/** The members that the inputs of all kinds have between them; hashes are hexadecimal. */
interface Input {
  readonly entry: string
  readonly receipt: unknown
  readonly note: string
  readonly keys: readonly string[]
  readonly leafHashes: readonly string[]
  readonly index: number
  readonly size: number
  readonly leafHash: string
  readonly root: string
  readonly from: number
  readonly to: number
  readonly fromRoot: string
  readonly toRoot: string
  readonly hashes: readonly string[]
}

const hash = (hex: string) => parseHex(hex) ?? new Uint8Array()

/** How each kind of vector is checked; what it answers must hold the vector's `output`. */
const checks: Record<string, (input: Input) => unknown> = {
  entry({ entry }) {
    parseEntry(entry)
    return { leafHash: formatHex(hashEntry(entry)) }
  },
  receipt: ({ receipt, keys }) => verifyReceipt(receipt, keys),
  async note({ note, keys }) {
    const { verified } = await verifyNote(note, keys.map(parseVerifierKey))
    return { signers: verified.map(({ key }) => key.name) }
  },
  tree({ leafHashes }) {
    const frontier = new Frontier()
    for (const leafHash of leafHashes) frontier.append(hash(leafHash))
    return { root: formatHex(frontier.root()) }
  },
  inclusion: ({ index, size, leafHash, root, hashes }) =>
    verifyInclusion({
      ...{ index, size, leafHash: hash(leafHash), root: hash(root) },
      hashes: hashes.map(hash),
    }),
  consistency: ({ from, to, fromRoot, toRoot, hashes }) =>
    verifyConsistency({
      ...{ from, to, fromRoot: hash(fromRoot), toRoot: hash(toRoot) },
      hashes: hashes.map(hash),
    }),
}

const vectors = Object.keys(checks).flatMap((kind) =>
  readdirSync(new URL(`${kind}/`, folder)).map((file) => [kind, file] as const),
)

async function outcome(kind: string, input: Input): Promise<{ code: string; output?: unknown }> {
  try {
    return { code: 'ok', output: await checks[kind]?.(input) }
  } catch (error) {
    if (error instanceof VerificationError) return { code: error.code }
    throw error
  }
}

test.each(vectors)('the vector %s/%s is decided as it says', async (kind, file) => {
  const vector = JSON.parse(readFileSync(new URL(`${kind}/${file}`, folder), 'utf8'))
  const { code, output } = await outcome(kind, vector.input)
  expect(code).toBe(vector.expect)
  if (vector.output !== undefined) expect(output).toMatchObject(vector.output)
})

test('every kind has valid and invalid vectors, named so, and every code is one of ours', () => {
  const seen = new Set<string>()
  for (const [kind, file] of vectors) {
    const { expect: code } = JSON.parse(readFileSync(new URL(`${kind}/${file}`, folder), 'utf8'))
    expect(['ok', ...verificationCodes]).toContain(code)
    expect(file.startsWith(code === 'ok' ? 'valid-' : 'invalid-'), file).toBe(true)
    seen.add(`${kind} ${code === 'ok'}`)
  }
  // A list of leaves always has a root: `tree` alone has nothing invalid.
  expect(seen.size).toBe(Object.keys(checks).length * 2 - 1)
})
