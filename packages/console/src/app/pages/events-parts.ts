import type { Filters } from '../api/calls.ts'
import type { EventsView } from '../paths.ts'
import type { SearchFault } from '../search/search-box.tsx'
import type { FieldValue } from '../table/columns.tsx'
import type { useList } from '../table/use-list.ts'
import type { ViewAccess } from '../view/view.ts'

/** What the parts of the page share: what is asked for, what was found, and how to change it. */
export interface PartProps {
  readonly view: EventsView
  readonly filters: Filters
  readonly list: ReturnType<typeof useList>
  readonly tenants: readonly string[]
  readonly mayExport: boolean
  readonly owner: string | undefined
  readonly fault: SearchFault | undefined
  readonly change: ViewAccess['change']
  readonly onFilter: (filter: FieldValue, negated: boolean) => void
  readonly onClose: () => void
}
