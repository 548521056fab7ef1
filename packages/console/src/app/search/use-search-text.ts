import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import type { Filters } from '../api/calls.ts'
import { complete } from './completion.ts'
import { useCompletion } from './use-completion.ts'

/** The text of the search field while somebody types, and what completes it at the caret. */
export function useSearchText(options: {
  readonly q: string
  readonly filters: Filters
  readonly learnt: readonly string[]
  readonly onRun: (q: string) => void
}) {
  const { q, filters, learnt, onRun } = options
  const [text, setText] = useState(q)
  const [caret, setCaret] = useState(q.length)
  const [open, setOpen] = useState(false)
  const [chosen, setChosen] = useState(-1)
  const input = useRef<HTMLInputElement>(null)
  const [listId, faultId] = [useId(), useId()]
  useEffect(() => setText(q), [q])
  useEffect(() => focusBySlash(input.current), [])
  const { completion, suggestions } = useCompletion({
    q: text,
    caret,
    active: open,
    filters,
    learnt,
  })
  const close = () => {
    setOpen(false)
    setChosen(-1)
  }
  const run = (whole: string) => {
    close()
    onRun(whole.trim())
  }
  const take = (index: number) => {
    const suggestion = suggestions[index]
    if (suggestion === undefined) return
    const done = complete(text, completion, suggestion.text)
    setText(done.q)
    setCaret(done.caret)
    setChosen(-1)
    // After React has written the text: writing it moves the caret to the end.
    requestAnimationFrame(() => input.current?.setSelectionRange(done.caret, done.caret))
  }
  const onKey = (event: KeyboardEvent<HTMLInputElement>) => {
    const { key } = event
    const step = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && open && suggestions.length > 0) {
      event.preventDefault()
      // One place before the first is none: the text as typed.
      setChosen(((chosen + 1 + step + suggestions.length + 1) % (suggestions.length + 1)) - 1)
    } else if (key === 'ArrowDown') {
      event.preventDefault()
      document.querySelector<HTMLElement>('[role="grid"] [tabindex="0"]')?.focus()
    } else if (key === 'Enter') {
      event.preventDefault()
      if (open && chosen >= 0) take(chosen)
      else run(text)
    } else if (key === 'Tab' && open && chosen >= 0) {
      event.preventDefault()
      take(chosen)
    } else if (key === 'Escape' && open) {
      event.preventDefault()
      close()
    }
  }
  const moveCaret = (element: HTMLInputElement) => setCaret(element.selectionStart ?? 0)
  const type = (element: HTMLInputElement) => {
    setText(element.value)
    moveCaret(element)
    setOpen(true)
    setChosen(-1)
  }
  const clear = () => {
    setText('')
    run('')
    input.current?.focus()
  }
  const shown = open && suggestions.length > 0
  return {
    text,
    input,
    listId,
    faultId,
    suggestions,
    open: shown,
    chosen,
    close,
    take,
    onKey,
    moveCaret,
    type,
    clear,
  }
}

/** `/` goes to the search field from wherever nothing is being typed. */
function focusBySlash(input: HTMLInputElement | null) {
  const onKey = (event: globalThis.KeyboardEvent) => {
    const typing =
      event.target instanceof Element && event.target.closest('input, textarea, select')
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    input?.focus()
    input?.select()
  }
  addEventListener('keydown', onKey)
  return () => removeEventListener('keydown', onKey)
}
