import type { Client } from '@indelible/client'

type Actions = {
  'invoice.paid': { readonly amount: string }
  'invoice.viewed': undefined
  'invoice.noted': { readonly note: string } | undefined
}

/** A catalogue binds every way to submit. Never run. */
export async function submit(audit: Client<Actions>): Promise<void> {
  await audit.append({ action: 'invoice.paid', data: { amount: '12.50' } })
  // @ts-expect-error not in the catalogue
  await audit.append({ action: 'invoice.payed', data: { amount: '12.50' } })
  // @ts-expect-error its data is required
  await audit.append({ action: 'invoice.paid' })
  // @ts-expect-error an amount is a text
  await audit.append({ action: 'invoice.paid', data: { amount: 12.5 } })
  // @ts-expect-error a member that was not declared
  await audit.append({ action: 'invoice.paid', data: { amount: '12.50', vat: '2' } })
  await audit.appendAll([{ action: 'invoice.viewed' }, { action: 'invoice.noted' }])
  // @ts-expect-error the second has no data
  await audit.appendAll([{ action: 'invoice.viewed' }, { action: 'invoice.paid' }])
}

export function record(audit: Client<Actions>): void {
  audit.record({ action: 'invoice.noted', data: { note: 'call back' } })
  // @ts-expect-error not in the catalogue
  audit.record({ action: 'invoice.payed' })
  // @ts-expect-error it has no data
  audit.record({ action: 'invoice.viewed', data: { page: 1 } })
  // @ts-expect-error the data of another action
  audit.record({ action: 'invoice.noted', data: { amount: '12.50' } })
  const paid = { action: 'invoice.paid', before: { paid: false }, after: { paid: true } } as const
  audit.change({ ...paid, data: { amount: '12.50' } })
  // @ts-expect-error its data is required beside the difference
  audit.change(paid)
  // @ts-expect-error not in the catalogue
  audit.change({ action: 'invoice.payed', before: null, after: null })
  // @ts-expect-error its data is required, whoever sends it
  audit.prepare({ action: 'invoice.paid' })
}

export function declare(audit: Client<{ 'a.b': string }>): void {
  // @ts-expect-error data that is no object is never right
  audit.record({ action: 'a.b', data: 'x' })
}
