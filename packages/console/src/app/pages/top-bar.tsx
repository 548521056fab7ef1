import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from 'react-router'
import { logOut } from '../api/calls.ts'
import { paths } from '../paths.ts'
import { themes, usePreferences } from '../preferences/preferences.tsx'
import { LogStatus } from '../proof/log-status.tsx'
import { sessionKey, useSession } from '../session/session.ts'
import { timeStyles } from '../time/format.ts'
import { Brand } from '../ui/brand.tsx'
import { ChoiceGroup, MenuAction, MenuButton, MenuRule } from '../ui/choice-menu.tsx'
import { Icon } from '../ui/icon.tsx'
import { Navigation } from './navigation.tsx'
import './top-bar.css'

interface TopBarProps {
  readonly tenant: string | undefined
  readonly tenants: readonly string[]
  readonly onTenant?: (tenant: string) => void
}

export function TopBar({ tenant, tenants, onTenant }: TopBarProps) {
  return (
    <header className="top-bar">
      <Link className="home" to={paths.events} aria-label="Indelible, all events">
        <Brand />
      </Link>
      <Navigation />
      {tenant === undefined || onTenant === undefined ? null : (
        <TenantMenu tenant={tenant} tenants={tenants} onTenant={onTenant} />
      )}
      <span className="top-bar-space" />
      <LogStatus tenants={tenant === undefined || tenant === '*' ? tenants : [tenant]} />
      <UserMenu />
    </header>
  )
}

function TenantMenu(props: Required<TopBarProps>) {
  const { tenant = '*', tenants, onTenant } = props
  const name = tenant === '*' ? 'All logs' : tenant
  const choices = [
    { value: '*', label: 'All logs' },
    ...tenants.map((value) => ({
      value,
      label: value,
      note: value === '_system' ? 'reads and administration' : undefined,
    })),
  ]
  return (
    <MenuButton
      label={`Log: ${name}`}
      className="button quiet tenant-button"
      align="start"
      trigger={
        <>
          <Icon name="log" /> <span className="tenant-name">{name}</span> <Icon name="down" />
        </>
      }
    >
      <ChoiceGroup label="Log" value={tenant} choices={choices} onChoose={onTenant} />
    </MenuButton>
  )
}

const themeNames = { system: 'As the system', light: 'Light', dark: 'Dark' } as const
const timeNames = { local: 'Local time', utc: 'UTC', relative: 'So long ago' } as const

function UserMenu() {
  const session = useSession().data
  const client = useQueryClient()
  const { theme, timeStyle, setTheme, setTimeStyle } = usePreferences()
  const leave = useMutation({
    mutationFn: logOut,
    // Not if it failed: the cookie would still be good, for whoever sits down here next.
    onSuccess: () => {
      client.setQueryData(sessionKey, null)
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] })
    },
  })
  return (
    <>
      {leave.isError ? (
        <span className="sign-out-fault" role="alert">
          Still signed in. {leave.error.message}
        </span>
      ) : null}
      <MenuButton
        label={`${session?.name ?? 'Account'}: settings and sign out`}
        className="button quiet"
        trigger={
          <>
            <Icon name="user" /> <span className="user-name">{session?.name}</span>
          </>
        }
      >
        <ChoiceGroup
          label="Times"
          value={timeStyle}
          choices={timeStyles.map((value) => ({ value, label: timeNames[value] }))}
          onChoose={setTimeStyle}
        />
        <MenuRule />
        <ChoiceGroup
          label="Appearance"
          value={theme}
          choices={themes.map((value) => ({ value, label: themeNames[value] }))}
          onChoose={setTheme}
        />
        <MenuRule />
        <MenuAction onChoose={() => leave.mutate()}>Sign out</MenuAction>
      </MenuButton>
    </>
  )
}
