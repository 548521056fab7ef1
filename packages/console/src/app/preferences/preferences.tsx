import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'
import { type TimeStyle, timeStyles } from '../time/format.ts'
import { browserStorage } from './browser-storage.ts'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

interface Preferences {
  readonly theme: Theme
  /** Another word for each set of colours, for what draws by itself. */
  readonly palette: string
  readonly timeStyle: TimeStyle
  readonly setTheme: (theme: Theme) => void
  readonly setTimeStyle: (style: TimeStyle) => void
}

const PreferencesContext = createContext<Preferences | undefined>(undefined)

/** One word of a few, kept in this browser. */
function useKept<Word extends string>(name: string, words: readonly [Word, ...Word[]]) {
  const key = `indelible.${name}`
  const [word, setWord] = useState<Word>(() => {
    const kept = browserStorage.getItem(key)
    return words.find((one) => one === kept) ?? words[0]
  })
  useEffect(() => browserStorage.setItem(key, word), [key, word])
  return [word, setWord] as const
}

export function PreferencesProvider(props: {
  readonly children: ReactNode
  /** Where the theme is another's to choose, who also puts it on: a word for it. */
  readonly given?: string
}) {
  const { children, given } = props
  const [theme, setTheme] = useKept('theme', themes)
  const [timeStyle, setTimeStyle] = useKept('time', timeStyles)
  useEffect(() => {
    if (given !== undefined) return
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
  }, [theme, given])
  const preferences = useMemo(
    () => ({ theme, palette: given ?? theme, timeStyle, setTheme, setTimeStyle }),
    [theme, given, timeStyle, setTheme, setTimeStyle],
  )
  return <PreferencesContext value={preferences}>{children}</PreferencesContext>
}

export function usePreferences(): Preferences {
  const preferences = use(PreferencesContext)
  if (preferences === undefined) throw new Error('There is no PreferencesProvider.')
  return preferences
}
