import { Link } from 'react-router'
import { paths } from '../paths.ts'
import { LogStatus } from '../proof/log-watch.tsx'
import { Brand } from '../ui/brand.tsx'
import { ChoiceGroup, MenuButton } from '../ui/choice-menu.tsx'
import { Icon } from '../ui/icon.tsx'
import { AuditAlarm } from './integrity/audit-alarm.tsx'
import { Navigation } from './navigation.tsx'
import { UserMenu } from './user-menu.tsx'
import './top-bar.css'

interface TopBarProps {
  readonly tenant: string | undefined
  readonly tenants: readonly string[]
  readonly onTenant?: (tenant: string) => void
}

export function TopBar({ tenant, tenants, onTenant }: TopBarProps) {
  return (
    <>
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
      <AuditAlarm />
    </>
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
