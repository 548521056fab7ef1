import { describe, expect, test } from 'vitest'
import type { GuardState } from '../guard.ts'
import type { KeptEntry, LogHead } from '../store.ts'
import { createEntry, createHead } from './entries.ts'
import { describeFinding } from './finding-contract.ts'
import { appendIn, appendTo, type StoreUnderTest } from './store-under-test.ts'

/** The contract of store.ts and guard.ts, the same for every store. */
export function describeStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the store on ${name}`, () => {
    describeAppending(open)
    describeProving(open)
    describeFinding(open)
    describeGuarding(open)
    describeFigures(open)
  })
}

const uuid = '0199a3c2-7f00-7abc-8def-0123456789ab'
/** The characters of this id are the bytes of that UUID's text: they must not meet. */
const lookalikes = [uuid, uuid.toUpperCase(), '0123456789abcdef', 'e', 'E', `${uuid}.`, '~:@+=-']

function describeAppending(open: () => Promise<StoreUnderTest>): void {
  test('what a transaction appended is read back just as it was given', async () => {
    await using store = await open()
    const seeds = [
      { id: 'a' },
      { id: uuid, actor: '{"name":"Zoë 🦊 \\"\\\\"}' },
      { type: 'erasure' },
    ]
    const kept = await appendTo(store, 'acme', seeds)
    expect((await store.read.readRange('acme', 0, 9, 9)).map(toPlain)).toEqual(kept.map(toPlain))
    expect((await store.read.readRange('acme', 1, 3, 1)).map(toPlain)).toEqual(
      [kept[1]].map(toPlain),
    )
    expect(toPlain(await store.read.readById('acme', uuid))).toEqual(toPlain(kept[1]))
    const { edge, ...head } = (await store.read.readLog('acme')) ?? createHead('none')
    const { edge: _, ...made } = createHead('acme')
    expect(head).toEqual({ ...made, size: 3, received: kept[2]?.received })
    expect(Buffer.from(edge).toString()).toBe('edge 3')
    expect((await store.read.listLogs()).map(({ tenant }) => tenant)).toEqual(['acme'])
  })

  test('a transaction whose work fails leaves nothing, and the next one is none the worse', async () => {
    await using store = await open()
    await appendTo(store, 'acme', [{}])
    const failing = store.append.transact(async (transaction) => {
      await appendIn(transaction, 'acme', [{ id: 'lost' }])
      await appendIn(transaction, 'new', [{}])
      await transaction.insertNodes('acme', [{ level: 1, index: 0, hash: Buffer.alloc(32) }])
      await transaction.changeAdmin({ kind: 'key', id: 'k', value: '{}' })
      await transaction.saveCheckpoint({ tenant: 'acme', size: 2, time: 1, note: 'n' })
      throw new Error('given up')
    })
    await expect(failing).rejects.toThrow('given up')
    expect((await store.read.listLogs()).map(({ tenant, size }) => [tenant, size])).toEqual([
      ['acme', 1],
    ])
    expect(await store.read.readById('acme', 'lost')).toBeUndefined()
    expect(await store.read.readRange('new', 0, 9, 9)).toEqual([])
    expect(await store.audit.readCheckpoint('acme')).toBeUndefined()
    expect(await store.audit.readNodes('acme', 1, 0, 9)).toHaveLength(0)
    expect(await store.admin.listAdmin('key')).toEqual([])
    await appendTo(store, 'acme', [{ id: 'lost' }])
    expect((await store.read.readById('acme', 'lost'))?.index).toBe(1)
  })

  test('heads that exist are given, and no others', async () => {
    await using store = await open()
    await appendTo(store, 'b', [{}])
    await appendTo(store, 'a', [{}, {}])
    const sizes = await store.append.transact(async (transaction) => {
      const heads = await transaction.lockHeads(['a', 'b', 'c'])
      return [...heads].map(([tenant, { size }]) => [tenant, size])
    })
    expect(sizes.sort()).toEqual([
      ['a', 2],
      ['b', 1],
    ])
  })

  test('an id leads to its own entry, in its own log, and in the logs that ended', async () => {
    await using store = await open()
    const seeds = lookalikes.map((id) => ({ id }))
    await appendTo(store, 'acme', seeds)
    await appendTo(store, 'other', [{ id: 'elsewhere' }])
    await store.append.transact((transaction) =>
      transaction.createLog({ ...createHead('acme.1'), formerTenant: 'acme' }),
    )
    await store.append.transact(async (transaction) => {
      const entry = createEntry('acme.1', 0, { id: 'ended' })
      await transaction.insertEntries([entry], ['ended'])
      await transaction.saveHead({ ...createHead('acme.1'), size: 1, edge: Buffer.from('edge') })
    })
    const ids = [...lookalikes, 'ended', 'elsewhere', 'unknown', uuid.replaceAll('-', '')]
    const found = await store.append.transact((transaction) => transaction.findIds('acme', ids))
    const places = Array.from(found, ([id, { tenant, index }]) => [id, tenant, index])
    expect(places.sort()).toEqual(
      [...lookalikes.map((id, n) => [id, 'acme', n]), ['ended', 'acme.1', 0]].sort(),
    )
    for (const [n, id] of lookalikes.entries()) {
      expect((await store.read.readById('acme', id))?.index).toBe(n)
    }
    expect(await store.read.readById('acme', 'elsewhere')).toBeUndefined()
    expect(await store.read.readById('nobody', 'elsewhere')).toBeUndefined()
    const ended = (await store.read.readLog('acme.1')) as LogHead // made above
    expect(ended.formerTenant).toBe('acme')
  })

  test('keys of a log are saved by themselves, and a head leaves them as they are', async () => {
    await using store = await open()
    await appendTo(store, 'acme', [{}])
    const head = (await store.read.readLog('acme')) as LogHead // made above
    const former = { generation: 1, vkey: head.vkey, ended: 7, signs: true, succession: 'note' }
    const keys = { tenant: 'acme', generation: 2, vkey: 'next', formerKeys: [former] }
    await store.append.transact((transaction) => transaction.saveKeys(keys))
    await appendTo(store, 'acme', [{}])
    expect(await store.read.readLog('acme')).toMatchObject({ ...keys, size: 2 })
  })

  test('a checkpoint gives way to a later one, and never to an earlier one', async () => {
    await using store = await open()
    await appendTo(store, 'acme', [{}])
    const save = (size: number, time: number) =>
      store.append.transact((transaction) =>
        transaction.saveCheckpoint({ tenant: 'acme', size, time, note: `${size}\n${time}` }),
      )
    await save(2, 10)
    await save(1, 20)
    expect(await store.audit.readCheckpoint('acme')).toMatchObject({ size: 2, time: 10 })
    await save(2, 30)
    expect(await store.audit.readCheckpoint('acme')).toMatchObject({ size: 2, note: '2\n30' })
  })

  test('administration is kept by kind and id, replaced and removed', async () => {
    await using store = await open()
    const has = await store.append.transact(async (transaction) => {
      for (const id of ['b', 'a', 'B']) {
        await transaction.changeAdmin({ kind: 'key', id, value: `{"of":"${id}"}` })
      }
      await transaction.changeAdmin({ kind: 'user', id: 'a', value: '{}' })
      await transaction.changeAdmin({ kind: 'key', id: 'b', value: '{"of":"b again"}' })
      await transaction.changeAdmin({ kind: 'key', id: 'B', value: null })
      return [await transaction.hasAdmin('key', 'b'), await transaction.hasAdmin('key', 'B')]
    })
    expect(has).toEqual([true, false])
    expect(await store.admin.listAdmin('key')).toEqual([
      { kind: 'key', id: 'a', value: '{"of":"a"}' },
      { kind: 'key', id: 'b', value: '{"of":"b again"}' },
    ])
    expect(await store.admin.listAdmin('session')).toEqual([])
  })
}

function describeProving(open: () => Promise<StoreUnderTest>): void {
  test('leaf hashes and hashes of subtrees come concatenated, in order, of their range', async () => {
    await using store = await open()
    const kept = await appendTo(
      store,
      'acme',
      Array.from({ length: 20 }, () => ({})),
    )
    const nodes = Array.from({ length: 12 }, (_, index) => ({
      ...{ level: 1, index },
      hash: Buffer.alloc(32, index + 1),
    }))
    await store.append.transact((transaction) => transaction.insertNodes('acme', nodes))
    const hashes = (from: number, until: number) =>
      Buffer.concat(kept.slice(from, until).map(({ hash }) => hash))
    const { readLeafHashes, readNodes } = store.audit
    expect(Buffer.from(await readLeafHashes('acme', 3, 14))).toEqual(hashes(3, 14))
    expect(await readLeafHashes('acme', 20, 30)).toHaveLength(0)
    const expected = Buffer.concat(nodes.slice(2, 11).map(({ hash }) => hash))
    expect(Buffer.from(await readNodes('acme', 1, 2, 11))).toEqual(expected)
    expect(await readNodes('acme', 2, 0, 9)).toHaveLength(0)
  })

  test('an audit sees every entry at its place, and which id leads to it', async () => {
    await using store = await open()
    const kept = await appendTo(
      store,
      'acme',
      lookalikes.map((id) => ({ id })),
    )
    await appendTo(store, 'other', [{ id: 'elsewhere' }])
    const placed = await store.audit.readPlaced('acme', 1, 99)
    expect(placed.map(({ index, hash }) => [index, Buffer.from(hash)])).toEqual(
      kept.slice(1).map(({ index, hash }) => [index, Buffer.from(hash)]),
    )
    const places = placed.map(({ place }) => place)
    expect(places).toEqual([...places].sort((a, b) => a - b))
    const found = await store.audit.readPlaces('acme', [
      'none',
      ...lookalikes.slice(1),
      'elsewhere',
    ])
    expect(found).toEqual([undefined, ...places, undefined])
    const { heads, checkpoints, strays } = await store.audit.readSnapshot({ withStrays: true })
    expect(heads.map(({ tenant, size }) => [tenant, size])).toEqual([
      ['acme', lookalikes.length],
      ['other', 1],
    ])
    expect([checkpoints, strays]).toEqual([[], []])
  })
}

function describeGuarding(open: () => Promise<StoreUnderTest>): void {
  const state = (origin: string, size: number) => ({
    ...{ origin, tenant: origin, size },
    edge: Buffer.from(`edge ${size}`),
  })

  test('the guard advances every log it is told of, or none', async () => {
    await using store = await open()
    const { guard } = store
    await guard.advance([])
    await guard.advance([
      { from: undefined, to: state('a', 1) },
      { from: undefined, to: state('b', 5) },
    ])
    const both = [state('a', 1), state('b', 5)]
    expect((await guard.list()).map(plain)).toEqual(both.map(plain))
    const moved = [
      { from: 1, to: state('a', 2) },
      { from: 4, to: state('b', 6) },
    ]
    await expect(guard.advance(moved)).rejects.toThrow('by another')
    const known = [{ from: undefined, to: state('a', 9) }]
    await expect(guard.advance(known)).rejects.toThrow('by another')
    const unknown = [{ from: 3, to: state('c', 9) }]
    await expect(guard.advance(unknown)).rejects.toThrow('by another')
    expect((await guard.list()).map(plain)).toEqual(both.map(plain))
    await guard.advance([{ from: 1, to: state('a', 2) }])
    expect((await guard.list()).map(plain)).toEqual([state('a', 2), state('b', 5)].map(plain))
  })
}

const plain = ({ origin, tenant, size, edge }: GuardState) => ({
  ...{ origin, tenant, size },
  edge: Buffer.from(edge).toString(),
})

/** Bytes are what counts, not the class that holds them. */
const toPlain = (entry: KeptEntry | undefined) =>
  entry && {
    ...entry,
    hash: Buffer.from(entry.hash).toString('hex'),
    secret: Buffer.from(entry.secret).toString('hex'),
  }

function describeFigures(open: () => Promise<StoreUnderTest>): void {
  test('the figures of all logs tell their sizes, and since when an entry waits for a checkpoint', async () => {
    await using store = await open()
    const nothing = { logs: 0, entries: 0, received: 0, signed: 0, unsignedSince: 0 }
    expect(await store.readLogFigures()).toEqual(nothing)
    const [first, second] = await appendTo(store, 'acme', [{}, {}, {}])
    await appendTo(store, 'other', [{}])
    const sign = (tenant: string, size: number, time: number) =>
      store.append.transact((transaction) =>
        transaction.saveCheckpoint({ tenant, size, time, note: 'n' }),
      )
    await sign('other', 1, 5_000)
    const grown = { logs: 2, entries: 4, signed: 5_000 }
    expect(await store.readLogFigures()).toMatchObject({ ...grown, unsignedSince: first?.received })
    await sign('acme', 1, 4_000)
    expect(await store.readLogFigures()).toMatchObject({
      ...grown,
      unsignedSince: second?.received,
    })
    await sign('acme', 3, 6_000)
    expect(await store.readLogFigures()).toMatchObject({ signed: 6_000, unsignedSince: 0 })
  })
}
