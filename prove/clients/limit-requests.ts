import type { TestServer } from '@indelible/testkit'
import { createCut } from './cut.ts'

/** A service that is gone, for its clients, after so many requests. */
export function limitRequests(
  { post }: Pick<TestServer, 'post'>,
  count: number,
): Pick<TestServer, 'post'> {
  let left = count
  return {
    post(path, body) {
      if (left-- <= 0) return Promise.reject(createCut('That was enough.'))
      return post(path, body)
    },
  }
}
