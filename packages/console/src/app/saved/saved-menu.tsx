import { Menu } from '@base-ui/react/menu'
import { lazy, Suspense, useEffect, useState } from 'react'
import { type EventsView, formatView, parseView } from '../paths.ts'
import { MenuAction, MenuButton, MenuRule } from '../ui/choice-menu.tsx'
import { Icon } from '../ui/icon.tsx'
import { visibleText } from '../ui/visible-text.ts'
import type { ViewAccess } from '../view/view.ts'
import { noteRecent } from './searches.ts'
import { useSearches } from './use-searches.ts'

const SavedDialog = lazy(() => import('./saved-dialog.tsx'))

/** Searches under names, and the last ones, of one user in this browser. A link is for sharing. */
export function SavedMenu(props: {
  readonly owner: string
  readonly view: EventsView
  /** The query was answered: one that is faulty is none to come back to. */
  readonly isAnswered: boolean
  readonly change: ViewAccess['change']
}) {
  const { owner, view, isAnswered, change } = props
  const { searches, change: keep } = useSearches(owner)
  const [dialog, setDialog] = useState<'save' | 'manage'>()
  const { q } = view
  useEffect(() => {
    if (isAnswered) keep((before) => noteRecent(before, q))
  }, [isAnswered, q, keep])
  const open = (address: string) =>
    change({ ...parseView(new URLSearchParams(address)), opened: undefined })
  const recent = searches.recent.filter((one) => one !== q)
  return (
    <>
      <MenuButton label="Saved searches" className="button" trigger={<Icon name="bookmark" />}>
        <MenuAction onChoose={() => setDialog('save')}>Save this search…</MenuAction>
        {searches.saved.length === 0 ? null : (
          <>
            <MenuAction onChoose={() => setDialog('manage')}>Rename or delete…</MenuAction>
            <MenuRule />
            <Group label="Saved">
              {searches.saved.map(({ name, address }) => (
                <MenuAction key={name} onChoose={() => open(address)}>
                  {visibleText(name)}
                </MenuAction>
              ))}
            </Group>
          </>
        )}
        {recent.length === 0 ? null : (
          <>
            <MenuRule />
            <Group label="Recent">
              {recent.map((one) => (
                <MenuAction key={one} onChoose={() => change({ q: one })}>
                  <span className="mono">{visibleText(one)}</span>
                </MenuAction>
              ))}
            </Group>
          </>
        )}
      </MenuButton>
      {dialog === undefined ? null : (
        <Suspense>
          <SavedDialog
            mode={dialog}
            searches={searches}
            address={formatView({ ...view, live: false, opened: undefined })}
            keep={keep}
            onClose={() => setDialog(undefined)}
          />
        </Suspense>
      )}
    </>
  )
}

const Group = (props: { readonly label: string; readonly children: React.ReactNode }) => (
  <Menu.Group>
    <Menu.GroupLabel className="menu-label">{props.label}</Menu.GroupLabel>
    {props.children}
  </Menu.Group>
)
