import type { UserInfo } from '@indelible/protocol'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { listUsers } from '../../api/administration.ts'
import { sessionKey, useSession } from '../../session/session.ts'
import { MenuAction, MenuButton, MenuRule } from '../../ui/choice-menu.tsx'
import { type Columns, DataTable } from '../../ui/data-table.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { Made, Names } from './names.tsx'
import { DisableUserDialog, RemoveUserDialog } from './user-ends.tsx'
import { ChangeUserDialog, NewUserDialog, SetPasswordDialog } from './user-forms.tsx'

const usersKey = ['users'] as const

/** What is done with which user, while its dialog is open. */
type Act =
  | { readonly kind: 'create' }
  | { readonly kind: 'change' | 'password' | 'disable' | 'remove'; readonly user: UserInfo }

function Name({ username }: { readonly username: string }) {
  const own = useSession().data?.id === username
  return (
    <>
      {visibleText(username)} {own ? <span className="badge">you</span> : null}
    </>
  )
}

const columns: Columns<UserInfo> = [
  { title: 'User', cell: ({ username }) => <Name username={username} /> },
  { title: 'Role', cell: ({ role }) => role },
  { title: 'Tenants', cell: ({ tenants }) => <Names names={tenants} /> },
  {
    title: 'Sign-in',
    cell: ({ disabled }) =>
      disabled ? (
        <span className="badge denied">Disabled</span>
      ) : (
        <span className="badge success">Allowed</span>
      ),
  },
  {
    title: 'Made',
    cell: ({ created, createdBy }) => <Made time={created} by={createdBy} />,
  },
]

/** People who sign in: made, changed, removed. */
export function UsersPage() {
  const users = useQuery({ queryKey: usersKey, queryFn: ({ signal }) => listUsers(signal) })
  const [act, setAct] = useState<Act>()
  return (
    <>
      <PageHead
        title="Users"
        actions={
          <button
            type="button"
            className="button primary"
            onClick={() => setAct({ kind: 'create' })}
          >
            <Icon name="plus" /> New user
          </button>
        }
      >
        People who sign in here. Their role says what they may do, and their tenants where.
      </PageHead>
      <DataTable
        label="Users"
        rows={users}
        columns={columns}
        keyOf={({ username }) => username}
        actions={(user) => <Actions user={user} onAct={setAct} />}
        empty={
          <Notice kind="empty" title="No users">
            Those you may administer would stand here.
          </Notice>
        }
      />
      {act === undefined ? null : <ActDialog act={act} onClose={() => setAct(undefined)} />}
    </>
  )
}

function Actions(props: { readonly user: UserInfo; readonly onAct: (act: Act) => void }) {
  const { user, onAct } = props
  const own = useSession().data?.id === user.username
  return (
    <MenuButton
      label={`Actions for ${visibleText(user.username)}`}
      className="button quiet"
      trigger={<Icon name="more" />}
    >
      <MenuAction onChoose={() => onAct({ kind: 'change', user })}>
        Change role and tenants…
      </MenuAction>
      {own ? null : (
        <MenuAction onChoose={() => onAct({ kind: 'password', user })}>Set password…</MenuAction>
      )}
      <MenuRule />
      <MenuAction onChoose={() => onAct({ kind: 'disable', user })}>
        {user.disabled ? 'Allow sign-in…' : 'Disable…'}
      </MenuAction>
      <MenuAction onChoose={() => onAct({ kind: 'remove', user })}>Remove…</MenuAction>
    </MenuButton>
  )
}

function ActDialog({ act, onClose }: { readonly act: Act; readonly onClose: () => void }) {
  const client = useQueryClient()
  const own = useSession().data?.id
  const onDone = () => {
    onClose()
    // Who changed themselves may be signed out by it, or may no longer open this page.
    if (act.kind !== 'create' && act.user.username === own) {
      void client.invalidateQueries({ queryKey: sessionKey })
    }
    return client.invalidateQueries({ queryKey: usersKey })
  }
  if (act.kind === 'create') return <NewUserDialog onDone={onDone} onClose={onClose} />
  const parts = { user: act.user, own: act.user.username === own, onDone, onClose }
  switch (act.kind) {
    case 'change':
      return <ChangeUserDialog {...parts} />
    case 'password':
      return <SetPasswordDialog {...parts} />
    case 'disable':
      return <DisableUserDialog {...parts} />
    case 'remove':
      return <RemoveUserDialog {...parts} />
  }
}
