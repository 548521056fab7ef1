import type { Fault } from '@indelible/protocol'
import {
  createContext,
  type FormEvent,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { ApiProblem, isWithin } from '../api/problem.ts'
import './form.css'

interface FormState {
  /** What the service said of this member of the request, or of something in it. */
  readonly faultAt: (pointer: string) => string | undefined
  /** A field says that it shows the faults at its pointer. @returns what takes it back */
  readonly claim: (pointer: string) => () => void
}
const FormContext = createContext<FormState>({ faultAt: () => undefined, claim: () => () => {} })

/** A form that is sent to the service, whose refusals stand at the fields that they are about. */
export function Form(props: {
  readonly onSubmit: (values: FormData) => void
  /** As TanStack Query has it: what is done with the form. */
  readonly act: { readonly isPending: boolean; readonly error: Error | null }
  /** The verb on the button. */
  readonly submit: string
  readonly onCancel?: () => void
  /** Where a refusal belongs that names no place itself: JSON pointers by its code. */
  readonly places?: Readonly<Record<string, string>>
  readonly children: ReactNode
}) {
  const { onSubmit, act, submit, onCancel, places, children } = props
  const form = useRef<HTMLFormElement>(null)
  const faults = useMemo(() => faultsOf(act.error, places ?? {}), [act.error, places])
  const { state, isClaimed } = useFormState(faults)
  useEffect(() => {
    if (act.error !== null) {
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
    }
  }, [act.error])
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!act.isPending) onSubmit(new FormData(event.currentTarget))
  }
  return (
    <FormContext value={state}>
      <form ref={form} className="form" method="post" onSubmit={send}>
        {children}
        <Unplaced error={act.error} faults={faults.filter(({ pointer }) => !isClaimed(pointer))} />
        <div className="form-actions">
          {onCancel === undefined ? null : (
            <button type="button" className="button" onClick={onCancel}>
              Cancel
            </button>
          )}
          <button type="submit" className="button primary" aria-disabled={act.isPending}>
            {act.isPending ? 'One moment…' : submit}
          </button>
        </div>
      </form>
    </FormContext>
  )
}

function faultsOf(error: Error | null, places: Readonly<Record<string, string>>): Fault[] {
  if (error === null) return []
  const problem = error instanceof ApiProblem ? error : undefined
  if (problem !== undefined && problem.errors.length > 0) return [...problem.errors]
  return [{ pointer: places[problem?.code ?? ''] ?? '', detail: error.message }]
}

function useFormState(faults: readonly Fault[]) {
  const [claims, setClaims] = useState<readonly string[]>([])
  const claim = useCallback((pointer: string) => {
    setClaims((before) => [...before, pointer])
    return () => setClaims((before) => before.filter((one) => one !== pointer))
  }, [])
  const state = useMemo<FormState>(
    () => ({
      claim,
      faultAt: (place) => {
        const here = faults.filter(({ pointer }) => isWithin(pointer, place))
        const words = here.map(({ pointer, detail }) => formatFault(pointer, place, detail))
        return here.length === 0 ? undefined : [...new Set(words)].join(' ')
      },
    }),
    [claim, faults],
  )
  return {
    state,
    isClaimed: (pointer: string) => claims.some((place) => isWithin(pointer, place)),
  }
}

/** `must name a scope` becomes a sentence; below an item of a list, it says which. */
function formatFault(pointer: string, place: string, detail: string): string {
  const rest = pointer.slice(place.length + 1)
  const words = /^\d+$/.test(rest) ? `No. ${Number(rest) + 1} ${detail}` : detail
  const sentence = words.charAt(0).toUpperCase() + words.slice(1)
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}

/** What is about no field that the form has. */
function Unplaced(props: { readonly error: Error | null; readonly faults: readonly Fault[] }) {
  const { error, faults } = props
  if (error === null || faults.length === 0) return null
  return (
    <div className="form-fault" role="alert">
      {faults.map(({ pointer, detail }) => (
        <p key={pointer}>{pointer === '' ? detail : `${pointer}: ${detail}`}</p>
      ))}
    </div>
  )
}

/** A field's part in the form: what is wrong with it. */
export function useFault(pointer: string): string | undefined {
  const { faultAt, claim } = use(FormContext)
  useEffect(() => claim(pointer), [claim, pointer])
  return faultAt(pointer)
}
