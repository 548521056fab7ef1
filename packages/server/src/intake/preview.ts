import type { RedactionRule } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { createAdmission } from './admit.ts'
import { toEvent } from './event-parts.ts'
import type { Rulebook } from './rulebook.ts'

/** Shows an event as it would be kept. */
export type PreviewEvent = (
  value: unknown,
  draft: RedactionRule | undefined,
) => Readonly<Record<string, unknown>>

/** Admits an event by the rules in effect and a draft, and keeps nothing of it. */
export function createPreview(options: {
  readonly clock: Clock
  readonly createId: (unixMs: number) => string
  readonly rulebook: Pick<Rulebook, 'preview'>
}): PreviewEvent {
  const { clock, createId, rulebook } = options
  return (value, draft) => {
    const { admit } = createAdmission({ clock, createId, redactor: rulebook.preview(draft) })
    try {
      const [event] = admit([value], {
        shape: 'single',
        resolveTenant: (name = 'default') => name,
      })
      return event === undefined ? {} : toEvent(event.parts)
    } catch (error) {
      if (!(error instanceof Refusal) || error.errors === undefined) throw error
      const errors = error.errors.map((fault) => ({ ...fault, pointer: `/event${fault.pointer}` }))
      throw new Refusal('event-invalid', { detail: error.message, errors })
    }
  }
}
