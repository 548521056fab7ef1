import { Menu } from '@base-ui/react/menu'
import type { ReactNode } from 'react'
import { Icon } from './icon.tsx'

export interface Choice<Value extends string> {
  readonly value: Value
  readonly label: string
  readonly note?: string | undefined
}

/** A group of choices of which one holds. */
export function ChoiceGroup<Value extends string>(props: {
  readonly label: string
  readonly value: Value
  readonly choices: readonly Choice<Value>[]
  readonly onChoose: (value: Value) => void
}) {
  const { label, value, choices, onChoose } = props
  return (
    <Menu.RadioGroup value={value} onValueChange={onChoose} aria-label={label}>
      <div className="menu-label">{label}</div>
      {choices.map((choice) => (
        <Menu.RadioItem key={choice.value} value={choice.value} closeOnClick className="menu-item">
          <span className="menu-check">
            <Menu.RadioItemIndicator>
              <Icon name="check" />
            </Menu.RadioItemIndicator>
          </span>
          <span className="menu-text">{choice.label}</span>
          {choice.note === undefined ? null : <span className="menu-note">{choice.note}</span>}
        </Menu.RadioItem>
      ))}
    </Menu.RadioGroup>
  )
}

/** Another page of the service, beside the console: in a window of its own. */
export const MenuLink = (props: { readonly children: ReactNode; readonly href: string }) => (
  <Menu.Item
    className="menu-item"
    render={<a href={props.href} target="_blank" rel="noreferrer" />}
  >
    <span className="menu-check" />
    <span className="menu-text">{props.children}</span>
  </Menu.Item>
)

export const MenuAction = (props: {
  readonly children: ReactNode
  readonly onChoose: () => unknown
}) => (
  <Menu.Item className="menu-item" onClick={() => props.onChoose()}>
    <span className="menu-check" />
    <span className="menu-text">{props.children}</span>
  </Menu.Item>
)

/** A button that opens a menu. */
export function MenuButton(props: {
  readonly label?: string
  readonly className?: string
  readonly trigger: ReactNode
  readonly children: ReactNode
  readonly align?: 'start' | 'end'
}) {
  const { label, className = 'button', trigger, children, align = 'end' } = props
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className={className} aria-label={label}>
        {trigger}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align={align} className="layer">
          <Menu.Popup className="menu">{children}</Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}

export const MenuRule = () => <Menu.Separator className="menu-rule" />
