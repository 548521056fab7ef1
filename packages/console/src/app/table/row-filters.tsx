import type { Entry } from '@indelible/protocol'
import { MenuAction, MenuButton, MenuRule } from '../ui/choice-menu.tsx'
import { Icon } from '../ui/icon.tsx'
import { visibleText } from '../ui/visible-text.ts'
import type { Column, FieldValue } from './columns.tsx'

/** Filters by the row's values. At its end, so that a click into the row always opens it. */
export function RowFilters(props: {
  readonly entry: Entry
  readonly columns: readonly Column[]
  readonly onFilter: (filter: FieldValue, negated: boolean) => void
}) {
  const { entry, columns, onFilter } = props
  const filters = columns.flatMap(({ title, filter }) => {
    const found = filter(entry)
    return found === undefined ? [] : [{ title, filter: found }]
  })
  const listItems = (verb: string, negated: boolean) =>
    filters.map(({ title, filter }) => (
      <MenuAction key={`${verb} ${title}`} onChoose={() => onFilter(filter, negated)}>
        {verb} {visibleText(title.toLowerCase())}{' '}
        <span className="mono">{visibleText(filter.value)}</span>
      </MenuAction>
    ))
  return (
    <span
      role="gridcell"
      tabIndex={-1}
      className="row-tools"
      // What is for the menu is not for the row.
      onClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <MenuButton
        className="icon-button"
        label="Filter by a value"
        trigger={<Icon name="filter" />}
      >
        {listItems('Only', false)}
        <MenuRule />
        {listItems('Exclude', true)}
      </MenuButton>
    </span>
  )
}
