import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { leafOf, naiveConsistency, naiveInclusion, naiveRoot } from '../test/reference.ts'
import { encodeUtf8, formatHex, parseHex } from './bytes.ts'
import { VerificationError } from './error.ts'
import { Frontier } from './frontier.ts'
import {
  emptyRoot,
  hashLeaf,
  hashNode,
  rootFromInclusion,
  verifyConsistency,
  verifyInclusion,
} from './tree.ts'

const leaves = Array.from({ length: 300 }, (_, at) => leafOf(encodeUtf8(`leaf ${at}`)))
const roots = leaves.map((_, at) => naiveRoot(leaves.slice(0, at)))
const rootAt = (size: number) => roots[size] ?? emptyRoot()
const leafAt = (index: number) => leaves[index] ?? emptyRoot()
const hex = (text: string) => parseHex(text) ?? new Uint8Array()

type Inclusion = Parameters<typeof verifyInclusion>[0]
type Consistency = Parameters<typeof verifyConsistency>[0]

const inclusionOf = (index: number, size: number): Inclusion => ({
  ...{ index, size, leafHash: leafAt(index), root: rootAt(size) },
  hashes: naiveInclusion(index, leaves.slice(0, size)),
})
const consistencyOf = (from: number, to: number): Consistency => ({
  ...{ from, to, fromRoot: rootAt(from), toRoot: rootAt(to) },
  hashes: naiveConsistency(from, leaves.slice(0, to)),
})

function expectRefused(code: string, verify: () => void, what = ''): void {
  try {
    verify()
  } catch (error) {
    expect(error, what).toBeInstanceOf(VerificationError)
    expect(error, what).toMatchObject({ code })
    return
  }
  expect.unreachable(`accepted: ${what}`)
}

/** Every proof that differs from this one in its hashes, by one bit or by one hash. */
function* damaged(hashes: readonly Uint8Array[]): Generator<[string, Uint8Array[]]> {
  for (const [at, hash] of hashes.entries()) {
    for (let bit = 0; bit < 256; bit += 1) {
      const flipped = hash.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      yield [`hash ${at} bit ${bit}`, hashes.with(at, flipped)]
    }
    yield [`hash ${at} cut`, hashes.with(at, hash.slice(1))]
    yield [`hash ${at} dropped`, hashes.toSpliced(at, 1)]
    yield [`hash ${at} twice`, hashes.toSpliced(at, 0, hash)]
    if (at > 0) {
      const before = hashes[at - 1] ?? hash
      yield [`hashes ${at - 1} and ${at} swapped`, hashes.toSpliced(at - 1, 2, hash, before)]
    }
  }
  yield ['one more hash', [...hashes, emptyRoot()]]
  yield ['one hash before', [emptyRoot(), ...hashes]]
}

test('the vectors of the CT test tree hold', () => {
  const entries = [
    ...['', '00', '10', '2021', '3031', '40414243', '5051525354555657'],
    '606162636465666768696a6b6c6d6e6f',
  ]
  const expected = [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ]
  const frontier = new Frontier()
  const actual = entries.map((entry) => {
    frontier.append(hashLeaf(hex(entry)))
    return formatHex(frontier.root())
  })
  expect(actual).toEqual(expected)
  const hashes = [
    '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  ].map(hex)
  const root = frontier.root()
  verifyInclusion({ index: 0, size: 8, leafHash: hashLeaf(hex('')), hashes, root })
})

test('leaf, node and empty root are those of RFC 6962', () => {
  expect(formatHex(emptyRoot())).toBe(
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  )
  expect(formatHex(hashLeaf(encodeUtf8('L123456')))).toBe(
    '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
  )
  expect(formatHex(hashNode(encodeUtf8('N123'), encodeUtf8('N456')))).toBe(
    'aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb',
  )
})

test('every leaf of every tree up to 64 is proved', () => {
  for (let size = 1; size <= 64; size += 1) {
    for (let index = 0; index < size; index += 1) verifyInclusion(inclusionOf(index, size))
  }
})

test('every tree up to 64 is proved to extend every smaller one', () => {
  for (let to = 1; to <= 64; to += 1) {
    for (let from = 1; from <= to; from += 1) verifyConsistency(consistencyOf(from, to))
  }
})

test('larger trees are proved too', () => {
  fc.assert(
    fc.property(fc.integer({ min: 65, max: 299 }), fc.nat(), (size, seed) => {
      verifyInclusion(inclusionOf(seed % size, size))
      verifyConsistency(consistencyOf((seed % size) + 1, size))
    }),
  )
})

test('an inclusion proof with one bit or one hash changed is refused', () => {
  for (const [index, size] of [
    [0, 8],
    [6, 7],
    [4, 7],
    [63, 64],
    [0, 1],
    [40, 51],
  ] as const) {
    const proof = inclusionOf(index, size)
    for (const [what, hashes] of damaged(proof.hashes)) {
      const verify = () => verifyInclusion({ ...proof, hashes })
      expectRefused('inclusion-invalid', verify, `${index} in ${size}: ${what}`)
    }
  }
})

test('hashes of a number or a length that the tree cannot have lead to no root', () => {
  const proof = inclusionOf(6, 11)
  const { hashes } = proof
  expect(rootFromInclusion(proof)).toEqual(rootAt(11))
  const long = new Uint8Array(33)
  for (const wrong of [[...hashes, emptyRoot()], hashes.slice(1), hashes.with(0, long)]) {
    expectRefused('inclusion-invalid', () => rootFromInclusion({ ...proof, hashes: wrong }))
  }
})

test('an inclusion proof for another index, leaf or root is refused (R-07)', () => {
  for (let size = 1; size <= 33; size += 1) {
    for (let index = 0; index < size; index += 1) {
      const proof = inclusionOf(index, size)
      const others: Partial<Inclusion>[] = [
        ...[index - 1, index + 1, index + 0.5, -1, size, Number.NaN].map((other) => ({
          index: other,
        })),
        ...[-1, 0, 1.5, Number.POSITIVE_INFINITY, 2 ** 53].map((other) => ({ size: other })),
        { leafHash: leafAt(299) },
        { leafHash: leafAt(index).slice(1) },
        { root: rootAt(299) },
        { root: new Uint8Array(0) },
      ]
      for (const other of others) {
        expectRefused('inclusion-invalid', () => verifyInclusion({ ...proof, ...other }))
      }
    }
  }
})

test('a consistency proof with one bit or one hash changed is refused', () => {
  for (const [from, to] of [
    [1, 8],
    [4, 8],
    [6, 8],
    [7, 8],
    [8, 64],
    [33, 51],
    [5, 5],
  ] as const) {
    const proof = consistencyOf(from, to)
    for (const [what, hashes] of damaged(proof.hashes)) {
      const verify = () => verifyConsistency({ ...proof, hashes })
      expectRefused('consistency-invalid', verify, `${from} to ${to}: ${what}`)
    }
  }
})

test('a consistency proof for other sizes or roots is refused (R-07)', () => {
  for (let to = 2; to <= 33; to += 1) {
    for (let from = 1; from < to; from += 1) {
      const proof = consistencyOf(from, to)
      const others: Partial<Consistency>[] = [
        ...[0, -1, to + 1, from + 0.5, Number.NaN].map((other) => ({ from: other })),
        ...[from - 1, 0, 2 ** 53].map((other) => ({ to: other })),
        ...[{ fromRoot: rootAt(299) }, { toRoot: rootAt(299) }, { toRoot: new Uint8Array(31) }],
        { fromRoot: proof.toRoot, toRoot: proof.fromRoot },
      ]
      for (const other of others) {
        expectRefused('consistency-invalid', () => verifyConsistency({ ...proof, ...other }))
      }
    }
  }
})

test('equal sizes need equal roots and no hashes; the empty tree proves nothing of a larger', () => {
  verifyConsistency({ ...consistencyOf(9, 9), hashes: [] })
  verifyConsistency({ from: 0, to: 0, fromRoot: emptyRoot(), toRoot: emptyRoot(), hashes: [] })
  const empty = { from: 0, to: 9, fromRoot: emptyRoot(), toRoot: rootAt(9), hashes: [] }
  expectRefused('consistency-invalid', () => verifyConsistency(empty))
  // Nor where "nothing" is said to have the root of something.
  const something = { from: 0, to: 1, fromRoot: rootAt(1), toRoot: rootAt(1), hashes: [rootAt(1)] }
  expectRefused('consistency-invalid', () => verifyConsistency(something))
})

/** A proof in a tree that nobody could build: the reference is RFC 9162 in BigInt, as it reads. */
function rootBelow(index: bigint, size: bigint, leafHash: Uint8Array, hashes: Uint8Array[]) {
  let [fn, sn, root] = [index, size - 1n, leafHash]
  for (const hash of hashes) {
    if ((fn & 1n) === 1n || fn === sn) {
      root = hashNode(hash, root)
      while ((fn & 1n) === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n]
    } else root = hashNode(root, hash)
    fn >>= 1n
    sn >>= 1n
  }
  return { root, complete: sn === 0n }
}

test('sizes up to 2^53 − 1 are walked without cutting them to 32 bits', () => {
  const huge = fc.maxSafeInteger().map(Math.abs)
  fc.assert(
    fc.property(huge, huge, (a, b) => {
      const [index, size] = [Math.min(a, b), Math.max(a, b)]
      fc.pre(index < size)
      const leafHash = leafAt(0)
      for (let length = 0; length <= 54; length += 1) {
        const hashes = leaves.slice(1, 1 + length)
        const { root, complete } = rootBelow(BigInt(index), BigInt(size), leafHash, hashes)
        if (complete) return verifyInclusion({ index, size, leafHash, hashes, root })
      }
      expect.unreachable('no proof fits')
    }),
  )
})
