import { Popover } from '@base-ui/react/popover'
import { type FormEvent, useRef, useState } from 'react'
import { matchFields } from '../search/completion.ts'
import { Icon } from '../ui/icon.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { isColumn, readColumns, usualColumns } from './chosen-columns.ts'
import { columnOf } from './columns.tsx'
import './column-menu.css'

interface ColumnMenuProps {
  readonly chosen: readonly string[] | undefined
  /** Fields of the events at hand. */
  readonly learnt: readonly string[]
  /** By the columns of that moment: of two changes in one moment both must hold. */
  readonly onChange: (change: (columns: readonly string[]) => readonly string[] | undefined) => void
}

const offersMax = 8

/** Which columns the list has, and in which order. The time is always the first. */
export const ColumnMenu = (props: ColumnMenuProps) => (
  <Popover.Root>
    <Popover.Trigger className="button" aria-label="Columns">
      <Icon name="columns" />
      <span className="tool-text">Columns</span>
    </Popover.Trigger>
    <Popover.Portal>
      <Popover.Positioner sideOffset={6} align="end" className="layer">
        <Popover.Popup className="menu column-popup" aria-label="Columns">
          <Columns {...props} />
        </Popover.Popup>
      </Popover.Positioner>
    </Popover.Portal>
  </Popover.Root>
)

function Columns({ chosen, learnt, onChange }: ColumnMenuProps) {
  const columns = chosen ?? usualColumns
  const list = useRef<HTMLOListElement>(null)
  const field = useRef<HTMLInputElement>(null)
  /** React moves the row under the button that was pressed, which loses the focus. */
  const keepFocus = (column: string, name: string) =>
    requestAnimationFrame(() => {
      const row = [...(list.current?.children ?? [])].find(
        (element) => element instanceof HTMLElement && element.dataset.column === column,
      )
      const button = row?.querySelector<HTMLElement>(`[data-does=${name}]`)
      ;(button ?? field.current)?.focus()
    })
  const move = (column: string, by: -1 | 1) => {
    onChange((now) => {
      const to = now.indexOf(column) + by
      if (to < 0 || to >= now.length) return readColumns(now)
      const rest = now.filter((one) => one !== column)
      return readColumns([...rest.slice(0, to), column, ...rest.slice(to)])
    })
    keepFocus(column, by < 0 ? 'up' : 'down')
  }
  const hide = (column: string) => {
    const next = columns[columns.indexOf(column) + 1] ?? columns.at(-2) ?? ''
    onChange((now) => readColumns(now.filter((one) => one !== column)))
    keepFocus(next, 'hide')
  }
  return (
    <>
      <div className="menu-label">Columns, after the time</div>
      <ol className="column-list" ref={list}>
        {columns.map((id, at) => (
          <Shown
            key={id}
            id={id}
            isFirst={at === 0}
            isLast={at === columns.length - 1}
            isOnly={columns.length === 1}
            onMove={(by) => move(id, by)}
            onHide={() => hide(id)}
          />
        ))}
      </ol>
      <AddColumn
        columns={columns}
        learnt={learnt}
        field={field}
        onAdd={(id) => onChange((now) => readColumns([...now, id]))}
      />
      {chosen === undefined ? null : (
        <button
          type="button"
          className="menu-item column-reset"
          onClick={() => {
            onChange(() => undefined)
            field.current?.focus()
          }}
        >
          <Icon name="refresh" /> Back to the usual columns
        </button>
      )}
    </>
  )
}

function Shown(props: {
  readonly id: string
  readonly isFirst: boolean
  readonly isLast: boolean
  readonly isOnly: boolean
  readonly onMove: (by: -1 | 1) => void
  readonly onHide: () => void
}) {
  const { id, isFirst, isLast, isOnly, onMove, onHide } = props
  const title = visibleText(columnOf(id).title)
  // Not `disabled`: that would take the focus from whoever moves a column to the end.
  const button = (does: string, label: string, icon: 'up' | 'down' | 'close', off: boolean) => ({
    'data-does': does,
    'aria-label': label,
    'aria-disabled': off,
    title: label,
    children: <Icon name={icon} />,
  })
  return (
    <li data-column={id}>
      <span className="menu-text" title={title}>
        {title}
      </span>
      <button
        type="button"
        className="icon-button"
        onClick={() => onMove(-1)}
        {...button('up', `Move ${title} forward`, 'up', isFirst)}
      />
      <button
        type="button"
        className="icon-button"
        onClick={() => onMove(1)}
        {...button('down', `Move ${title} back`, 'down', isLast)}
      />
      <button
        type="button"
        className="icon-button"
        onClick={() => isOnly || onHide()}
        {...button('hide', `Hide ${title}`, 'close', isOnly)}
      />
    </li>
  )
}

/** What a column of these would show, another one shows already. */
const shownElsewhere = ['actor.id', 'actor.name', 'targets.id', 'targets.name', 'context.ip']

/** Columns for what was typed; as long as nothing was, the ones most likely missed. */
function listOffers(name: string, columns: readonly string[], learnt: readonly string[]) {
  const ledger = ['index', 'received', 'tenant', 'hash']
  const likely = ['outcome', ...learnt.filter((field) => field.startsWith('data.')), ...ledger]
  const found =
    name === ''
      ? likely.filter((field) => !shownElsewhere.includes(field))
      : matchFields(name, [...ledger, ...learnt], 60).map(({ field }) => field)
  const lacking = usualColumns.filter((id) => id.includes(name))
  return [...new Set([...lacking, ...found])]
    .filter((id) => isColumn(id) && !columns.includes(id))
    .slice(0, offersMax)
}

/** Of the fields of the grammar: what is typed narrows what is offered, Enter adds it. */
function AddColumn(props: {
  readonly columns: readonly string[]
  readonly learnt: readonly string[]
  readonly field: React.RefObject<HTMLInputElement | null>
  readonly onAdd: (id: string) => void
}) {
  const { columns, learnt, field, onAdd } = props
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState<string>()
  const name = typed.trim()
  const offers = listOffers(name, columns, learnt)
  const add = (id: string) => {
    onAdd(id)
    setTyped('')
    setFault(undefined)
    field.current?.focus()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (columns.includes(name)) return setFault('That column is there already.')
    if (isColumn(name)) return add(name)
    const [first] = offers
    if (name !== '' && first !== undefined) return add(first)
    setFault('A field is a path such as data.plan or context.request.')
  }
  return (
    <>
      <form className="column-add" onSubmit={submit}>
        <input
          ref={field}
          aria-label="Add a field"
          aria-invalid={fault === undefined ? undefined : true}
          aria-describedby={fault === undefined ? undefined : 'column-fault'}
          placeholder="Add a field: data.plan"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={typed}
          onChange={({ currentTarget: { value } }) => {
            setTyped(value)
            setFault(undefined)
          }}
        />
        <button type="submit" className="button">
          Add
        </button>
      </form>
      {fault === undefined ? null : (
        <p className="fault column-fault" id="column-fault" role="alert">
          {fault}
        </p>
      )}
      <ul className="column-offers" aria-label="Fields">
        {offers.map((id) => (
          <li key={id}>
            <button type="button" className="menu-item" onClick={() => add(id)}>
              <Icon name="plus" />
              <span className="menu-text">{visibleText(columnOf(id).title)}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}
