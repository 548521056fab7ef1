import type { AuditState, ServiceFigures } from '@indelible/protocol'
import { requestJson } from './request.ts'

export const readAudits = (signal: AbortSignal) => requestJson<AuditState>('/v1/audits', { signal })

export const startAudit = () => requestJson<AuditState>('/v1/audits', { method: 'POST' })

export const readService = (signal: AbortSignal) =>
  requestJson<ServiceFigures>('/v1/service', { signal })
