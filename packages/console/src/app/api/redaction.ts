import type { RedactionRule, RedactionRuleInfo } from '@indelible/protocol'
import { requestJson, requestNothing } from './request.ts'

type JsonObject = Readonly<Record<string, unknown>>

const rulePath = (name: string) => `/v1/redaction/rules/${encodeURIComponent(name)}`

export const listRules = async (signal: AbortSignal) =>
  (await requestJson<{ rules: readonly RedactionRuleInfo[] }>('/v1/redaction', { signal })).rules

export const putRule = ({ name, ...body }: RedactionRule) =>
  requestNothing(rulePath(name), { method: 'PUT', body })

export const removeRule = (name: string) => requestNothing(rulePath(name), { method: 'DELETE' })

export const switchBuiltIn = (name: string, enabled: boolean) =>
  requestNothing(`/v1/redaction/built-in/${encodeURIComponent(name)}`, {
    method: 'PUT',
    body: { enabled },
  })

/** The event as it would be kept; nothing of it is. */
export const previewRedaction = async (
  body: { readonly event: unknown; readonly rule?: RedactionRule | undefined },
  signal: AbortSignal,
) =>
  (
    await requestJson<{ event: JsonObject }>('/v1/redaction/preview', {
      method: 'POST',
      body,
      signal,
    })
  ).event
