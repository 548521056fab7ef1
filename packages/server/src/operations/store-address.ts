import { resolve } from 'node:path'
import { type Config, readConfig } from '../config/read-config.ts'

/** Where a store is: a data folder, or a database that nodes share. */
export type StoreAddress = FolderAddress | DatabaseAddress

export interface FolderAddress {
  readonly folder: string
}

export interface DatabaseAddress {
  /** `postgres://…` */
  readonly store: string
  /** Another database for its guard. */
  readonly guard?: string
}

/** Where the settings say that the store is. */
export const storeAddressOf = ({ databaseUrl, guardUrl, dataFolder }: Config): StoreAddress =>
  databaseUrl === undefined
    ? { folder: dataFolder }
    : { store: databaseUrl, ...(guardUrl === undefined ? {} : { guard: guardUrl }) }

/**
 * Reads a folder's path or a URL, as INDELIBLE_STORE is read.
 * @throws ConfigError
 */
export const readStoreAddress = (store: string, guard?: string): StoreAddress =>
  storeAddressOf(readConfig({ INDELIBLE_STORE: store, INDELIBLE_GUARD: guard }, 'data'))

/** As people may read it: a path, or a URL without anything secret. */
export function nameStore(address: StoreAddress): string {
  if ('folder' in address) return resolve(address.folder)
  const { protocol, host, pathname } = new URL(address.store)
  return `${protocol}//${host}${pathname}`
}
