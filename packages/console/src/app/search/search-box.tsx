import type { Filters } from '../api/calls.ts'
import { Icon } from '../ui/icon.tsx'
import { visibleText } from '../ui/visible-text.ts'
import type { Suggestion } from './use-completion.ts'
import { useSearchText } from './use-search-text.ts'
import './search-box.css'

export interface SearchFault {
  readonly detail: string
  /** From 1, in characters. */
  readonly column?: number | undefined
}

interface SearchBoxProps {
  /** The query that is shown; typing changes it only when it is run. */
  readonly q: string
  readonly filters: Filters
  readonly learnt: readonly string[]
  readonly fault: SearchFault | undefined
  readonly onRun: (q: string) => void
}

/** The search field. Enter runs what is typed; arrows choose from what could stand at the caret. */
export function SearchBox({ q, filters, learnt, fault, onRun }: SearchBoxProps) {
  const box = useSearchText({ q, filters, learnt, onRun })
  const { text, input, listId, faultId, suggestions, open, chosen } = box
  return (
    <div className="search">
      <div className="search-field" data-faulty={fault === undefined ? undefined : ''}>
        <Icon name="search" />
        <input
          ref={input}
          type="search"
          aria-label="Search events"
          aria-autocomplete="list"
          aria-controls={open ? listId : undefined}
          aria-activedescendant={open && chosen >= 0 ? `${listId}-${chosen}` : undefined}
          aria-invalid={fault === undefined ? undefined : true}
          aria-describedby={fault === undefined ? undefined : faultId}
          aria-keyshortcuts="/"
          placeholder="action:customer.* actor.id:u_1 -outcome:success “two words”"
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="search"
          value={text}
          onChange={(event) => box.type(event.currentTarget)}
          onSelect={(event) => box.moveCaret(event.currentTarget)}
          onClick={(event) => box.type(event.currentTarget)}
          onKeyDown={box.onKey}
          onBlur={box.close}
        />
        {text === '' ? (
          <kbd className="search-key">/</kbd>
        ) : (
          <button
            type="button"
            className="icon-button"
            aria-label="Clear the search"
            onClick={box.clear}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      {open ? (
        <Suggestions id={listId} suggestions={suggestions} chosen={chosen} onTake={box.take} />
      ) : null}
      {fault === undefined ? null : <Fault id={faultId} text={text} fault={fault} />}
    </div>
  )
}

function Suggestions(props: {
  readonly id: string
  readonly suggestions: readonly Suggestion[]
  readonly chosen: number
  readonly onTake: (index: number) => void
}) {
  return (
    <div className="menu suggestions" role="listbox" id={props.id} aria-label="Completions">
      {props.suggestions.map(({ text, note }, index) => (
        <div
          key={text}
          id={`${props.id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === props.chosen}
          className="menu-item"
          // Before the field loses the focus, which closes the list.
          onPointerDown={(event) => {
            event.preventDefault()
            props.onTake(index)
          }}
        >
          <span className="menu-text mono">{visibleText(text)}</span>
          <span className="menu-note">{note}</span>
        </div>
      ))}
    </div>
  )
}

/** The fault in words, under a copy of the query that marks its column. */
function Fault(props: { readonly id: string; readonly text: string; readonly fault: SearchFault }) {
  const { column, detail } = props.fault
  const characters = Array.from(props.text)
  return (
    <div className="search-fault" id={props.id} role="alert">
      {column === undefined ? null : (
        <code>
          {characters.slice(0, column - 1).join('')}
          <mark>{characters[column - 1] ?? ' '}</mark>
          {characters.slice(column).join('')}
        </code>
      )}
      <span>{detail}</span>
    </div>
  )
}
