import { useMutation, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { logOut } from '../api/calls.ts'
import { themes, usePreferences } from '../preferences/preferences.tsx'
import { announceSession } from '../session/follow-session.ts'
import { sessionKey, useSession } from '../session/session.ts'
import { timeStyles } from '../time/format.ts'
import { ChoiceGroup, MenuAction, MenuButton, MenuLink, MenuRule } from '../ui/choice-menu.tsx'
import { Icon } from '../ui/icon.tsx'

/** Seldom opened: the first page is spared its forms. */
const OwnPasswordDialog = lazy(async () => ({
  default: (await import('./own-password.tsx')).OwnPasswordDialog,
}))

const themeNames = { system: 'As the system', light: 'Light', dark: 'Dark' } as const
const timeNames = { local: 'Local time', utc: 'UTC', relative: 'So long ago' } as const

/** Who is signed in: how they want to see things, their password, and the way out. */
export function UserMenu() {
  const session = useSession().data
  const client = useQueryClient()
  const { theme, timeStyle, setTheme, setTimeStyle } = usePreferences()
  const [changing, setChanging] = useState(false)
  const leave = useMutation({
    mutationFn: logOut,
    // Not if it failed: the cookie would still be good, for whoever sits down here next.
    onSuccess: () => {
      announceSession()
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
        <MenuLink href="/docs/guide/">Documents</MenuLink>
        <MenuLink href="/docs">API</MenuLink>
        <MenuRule />
        {session?.kind === 'user' ? (
          <MenuAction onChoose={() => setChanging(true)}>Change password…</MenuAction>
        ) : null}
        <MenuAction onChoose={() => leave.mutate()}>Sign out</MenuAction>
      </MenuButton>
      {changing && session ? (
        <Suspense>
          <OwnPasswordDialog username={session.id} onClose={() => setChanging(false)} />
        </Suspense>
      ) : null}
    </>
  )
}
