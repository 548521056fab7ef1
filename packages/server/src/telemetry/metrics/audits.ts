import type { SelfAuditState } from '../../verify/self-audit.ts'
import type { Figures } from './figures.ts'

/** Registered before the first audit, too: an alert on what is not there would never come. */
export function registerAudits(
  { gauge, counter }: Figures,
  state: () => Pick<SelfAuditState, 'running' | 'last' | 'growth' | 'checked'>,
): void {
  const passedS = (): number => (state().last?.ended ?? 0) / 1_000
  const endedS = (): number => Math.max(passedS(), (state().growth?.ended ?? 0) / 1_000)
  const findings = (): number => state().last?.findings ?? 0
  gauge('running', '1 while this service audits itself.', () =>
    Number(state().running !== undefined),
  )
  gauge(
    'failed',
    '1 when audits found anything to be wrong, until one of everything finds it well.',
    () => Number(findings() > 0),
  )
  gauge('findings', 'What the last audit found to be wrong.', findings)
  gauge('last_end_timestamp_seconds', 'When the last audit ended; 0 before the first.', endedS)
  gauge(
    'full_pass_timestamp_seconds',
    'When the last audit of everything ended; 0 before the first.',
    passedS,
  )
  counter(
    'checked_entries_total',
    'Entries that audits of this service have read.',
    () => state().checked,
  )
}
