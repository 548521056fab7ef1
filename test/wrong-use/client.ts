import {
  type Catalogue,
  type Client,
  type ClientError,
  createClient,
  type Head,
} from '@indelible/client'

/** Never run: it is enough that a compiler reads it. */
export function setUp(): void {
  createClient({ url: 'http://x', fsync: 'each', onFull: (event) => console.log(event.action) })
  // @ts-expect-error where is the service?
  createClient({ key: 'k' })
  // @ts-expect-error a typo does not vanish
  createClient({ url: 'http://x', spol: './audit.spool' })
  // @ts-expect-error no such policy
  createClient({ url: 'http://x', fsync: 'always' })
  // @ts-expect-error no such mode: nothing is dropped in silence
  createClient({ url: 'http://x', onFull: 'drop' })
  // @ts-expect-error milliseconds are a number
  createClient({ url: 'http://x', closeTimeoutMs: '30s' })
  // @ts-expect-error a rejected one is an event and an error
  createClient({ url: 'http://x', onRejected: ({ reason }) => console.log(reason) })
}

const tell = (head: Head): void => console.log(head.index)

export async function submit(audit: Client, actor: { readonly id: string }): Promise<void> {
  const head = await audit.append({ action: 'a.b', actor, data: { any: ['thing'] } })
  tell(head)
  // @ts-expect-error what was done?
  await audit.append({ actor })
  // @ts-expect-error a typo does not vanish
  await audit.append({ action: 'a.b', actr: actor })
  // @ts-expect-error an actor has an id
  await audit.append({ action: 'a.b', actor: { name: 'Zoë' } })
  // @ts-expect-error an id is a text
  await audit.append({ action: 'a.b', actor: { id: 42 } })
  // @ts-expect-error there are four outcomes
  await audit.append({ action: 'a.b', actor, outcome: 'ok' })
  // @ts-expect-error an event says nothing of where the ledger puts it
  await audit.append({ action: 'a.b', actor, index: 0 })
  // @ts-expect-error targets are a list
  await audit.append({ action: 'a.b', actor, targets: { type: 'invoice', id: '1' } })
  // @ts-expect-error a time is a text of RFC 3339
  await audit.append({ action: 'a.b', actor, time: new Date() })
  // @ts-expect-error not yet durable: await it
  tell(audit.append({ action: 'a.b', actor }))
  // @ts-expect-error its place is called index
  console.log(head.sequence)
  for (const each of await audit.appendAll([{ action: 'a.b', actor }])) tell(each)
  // @ts-expect-error as many heads as events
  tell(await audit.appendAll([{ action: 'a.b', actor }]))
  // @ts-expect-error several are a list
  await audit.appendAll({ action: 'a.b', actor })
  // @ts-expect-error each of them has an action
  await audit.appendAll([{ action: 'a.b', actor }, { actor }])
}

export async function record(audit: Client, blocking: Client<Catalogue, Promise<void>>) {
  audit.record({ action: 'a.b' })
  // @ts-expect-error there is nothing to wait for
  await audit.record({ action: 'a.b' }).then()
  await blocking.record({ action: 'a.b' })
  // @ts-expect-error it answers a promise, which is to be awaited
  const nothing: undefined = blocking.record({ action: 'a.b' })
  audit.change({ action: 'a.b', before: { name: 'Ann' }, after: { name: 'Zoë' } })
  // @ts-expect-error a state is an object
  audit.change({ action: 'a.b', before: 'Ann', after: 'Zoë' })
  // @ts-expect-error the difference is worked out, not given
  audit.change({ action: 'a.b', changes: { before: null, after: null } })
  const { id, time } = audit.prepare({ action: 'a.b' })
  // @ts-expect-error what was prepared stays as it is
  audit.prepare({ action: 'a.b' }).id = id + time + nothing
}

export function carry(audit: Client): void {
  const answer: number = audit.run({ actor: { id: 'u_1' }, tenant: 'acme' }, () => 42)
  audit.run(
    () => ({ actor: { id: 'u_1' } }),
    () => answer,
  )
  // @ts-expect-error an actor has an id
  audit.run({ actor: { name: 'Zoë' } }, () => answer)
  // @ts-expect-error a typo does not vanish
  audit.run({ user: { id: 'u_1' } }, () => answer)
  // @ts-expect-error run takes what is to be run
  audit.run({ actor: { id: 'u_1' } }, answer)
  // @ts-expect-error a bound function is called as it was
  audit.bind((invoice: { readonly id: string }) => invoice.id)('42')
  // @ts-expect-error there may be none
  console.log(audit.context().actor)
}

export async function read(audit: Client, error: ClientError): Promise<void> {
  await audit.search({ q: 'action:a.*', 'actor.id': ['u_1', 'u_2'], limit: 10, order: 'asc' })
  // @ts-expect-error no such order
  await audit.search({ order: 'newest' })
  // @ts-expect-error a limit is a number
  await audit.search({ limit: '10' })
  // @ts-expect-error no such format
  audit.export({ format: 'xml' })
  // @ts-expect-error an index is a number
  audit.stream({}, { after: 'last' })
  // @ts-expect-error a receipt is worth what the keys are worth
  await audit.verifyReceipt(await audit.receipt('e_1'))
  // @ts-expect-error no such code
  if (error.code === 'not-found') return
  // @ts-expect-error where it stayed is known only with a spool
  const spool: string = (await audit.close()).spool
  // @ts-expect-error no such count
  console.log(spool, audit.stats().lost)
}
