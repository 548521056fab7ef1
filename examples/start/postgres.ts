import { join } from 'node:path'
import { startPostgres } from '@indelible/testkit'

/** The example's database; stopped when disposed, if we started it. */
export interface Postgres extends AsyncDisposable {
  readonly url: string
}

/** @throws Error with a sentence where there is none and none can be started */
export async function findPostgres(options: {
  readonly dataFolder: string
  readonly say: (line: string) => void
}): Promise<Postgres> {
  const { dataFolder, say } = options
  const url = process.env.DATABASE_URL
  if (url !== undefined && url !== '') {
    say('PostgreSQL  that of DATABASE_URL')
    return { url, async [Symbol.asyncDispose]() {} }
  }
  const folder = join(dataFolder, 'postgres')
  const postgres = await startPostgres({ folder })
  say(`PostgreSQL  on port ${postgres.port}, its data in ${folder}`)
  return postgres
}
