import type { DatabasePlace, ReadingStores, SigningStores, WritingStore } from './stores.ts'
export async function openForReading(_: DatabasePlace): Promise<ReadingStores> {
  throw new Error('')
}
export async function openForWriting(_: DatabasePlace): Promise<WritingStore> {
  throw new Error('')
}
export async function openForSigning(_: DatabasePlace): Promise<SigningStores> {
  throw new Error('')
}
