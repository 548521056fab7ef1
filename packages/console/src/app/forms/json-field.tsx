import type { Fault } from '@indelible/protocol'
import { type ReactNode, useEffect, useId, useMemo, useRef } from 'react'
import { visibleText } from '../ui/visible-text.ts'
import { findPlace, placeOf, readJson } from './json-text.ts'
import './json-field.css'

/** JSON to be typed: what is wrong with it stands below, and leads to its line and column. */
export function JsonField(props: {
  readonly label: string
  readonly hint?: ReactNode
  readonly text: string
  readonly onChange: (text: string) => void
  readonly rows: number
  /** What the service finds wrong, by JSON pointers into it. */
  readonly faults?: readonly Fault[]
  /** Whether they take whoever typed there, as a form does that was refused. */
  readonly leadsToFaults?: boolean
}) {
  const { label, hint, text, onChange, rows, faults = [], leadsToFaults = false } = props
  const id = useId()
  const area = useRef<HTMLTextAreaElement>(null)
  const read = useMemo(() => readJson(text), [text])
  const typed = text.trim() === '' || read.fault === undefined ? [] : [read.fault]
  const told = faults.map(({ pointer, detail }) => ({ at: findPlace(read, pointer), detail }))
  const named = [...typed, ...told]
  const goTo = (at: number) => {
    area.current?.focus()
    area.current?.setSelectionRange(at, at)
  }
  const [first] = told
  const target = leadsToFaults ? first?.at : undefined
  useEffect(() => {
    if (target === undefined) return
    area.current?.focus()
    area.current?.setSelectionRange(target, target)
  }, [target])
  return (
    <div className="form-field json-field">
      <label htmlFor={id}>{label}</label>
      <textarea
        ref={area}
        id={id}
        value={text}
        rows={rows}
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        wrap="off"
        aria-invalid={named.length > 0}
        aria-describedby={`${id}-hint ${id}-faults`}
        onChange={(event) => onChange(event.target.value)}
      />
      <div className="field-hint" id={`${id}-hint`}>
        {hint}
      </div>
      <ul className="json-faults" id={`${id}-faults`} aria-live="polite">
        {named.map(({ at, detail }) => {
          const { line, column } = placeOf(text, at)
          return (
            <li key={`${at} ${detail}`}>
              <button type="button" className="json-place" onClick={() => goTo(at)}>
                Line {line}, column {column}
              </button>{' '}
              {visibleText(detail)}
            </li>
          )
        })}
      </ul>
    </div>
  )
}
