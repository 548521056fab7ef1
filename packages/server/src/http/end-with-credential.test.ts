import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Principal } from '../admin/principal.ts'
import { endWithCredential } from './end-with-credential.ts'

const hourMs = 3_600_000
const principal: Principal = {
  ...{ kind: 'viewer', id: 'v', name: 'v', scopes: ['read', 'export'], tenants: ['acme'] },
  expires: hourMs,
}
beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

function watch(graceMs: number, of = principal) {
  const end = vi.fn()
  const asked: { isRevoked: boolean; tell: () => void } = {
    isRevoked: false,
    tell: () => undefined,
  }
  const authenticator = {
    isLive: ({ expires = Number.POSITIVE_INFINITY }: Principal, at = Date.now()) =>
      !asked.isRevoked && at < expires,
    onRevoked: (listener: () => void) => {
      asked.tell = listener
      return () => {
        asked.tell = () => undefined
      }
    },
  }
  const stop = endWithCredential(of, { authenticator, clock: Date.now, graceMs, end })
  return { asked, end, stop }
}

test('what is served ends when its credential does, or as long after as it may', () => {
  const [stream, download] = [watch(0), watch(hourMs)]
  vi.advanceTimersByTime(hourMs - 1)
  expect(stream.end).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(stream.end).toHaveBeenCalled()
  // Something else was revoked meanwhile: that makes nothing older than it is.
  download.asked.tell()
  vi.advanceTimersByTime(hourMs - 1)
  expect(download.end).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(download.end).toHaveBeenCalled()
})

test('a revocation ends it at once, grace or not, and so does one that came before', () => {
  const { asked, end } = watch(hourMs)
  asked.tell()
  expect(end).not.toHaveBeenCalled()
  asked.isRevoked = true
  asked.tell()
  expect(end).toHaveBeenCalled()
  expect(watch(hourMs, { ...principal, expires: -hourMs }).end).toHaveBeenCalled()
})

test('whoever has finished is told no more, and leaves no timer', () => {
  const { asked, end, stop } = watch(0)
  stop()
  asked.isRevoked = true
  asked.tell()
  expect([end.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0])
})
