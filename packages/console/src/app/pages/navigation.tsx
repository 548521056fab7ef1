import { Menu } from '@base-ui/react/menu'
import { useEffect, useRef } from 'react'
import { Link, useLocation } from 'react-router'
import { paths } from '../paths.ts'
import { useSession } from '../session/session.ts'
import { MenuButton } from '../ui/choice-menu.tsx'
import { Icon } from '../ui/icon.tsx'
import { useMedia } from '../ui/use-size.ts'
import { openTo, pages, sections } from './pages.tsx'
import './navigation.css'

/** Where links beside each other have no room. */
const withMenu = '(max-width: 960px)'

/** The console's sections, as far as the caller may open them. */
export function Navigation() {
  const { pathname } = useLocation()
  const scopes = useSession().data?.scopes ?? []
  const narrow = useMedia(withMenu)
  const current = pages.find(({ path }) => path === pathname)?.section ?? 'Events'
  const links = [
    { name: 'Events', to: paths.events },
    ...sections.flatMap((name) =>
      openTo(scopes, name)
        .slice(0, 1)
        .map(({ path }) => ({ name, to: path })),
    ),
  ].map((link) => ({ ...link, current: link.name === current ? ('page' as const) : undefined }))
  if (links.length === 1) return null
  if (!narrow) {
    return (
      <nav className="navigation" aria-label="Sections">
        {links.map(({ name, to, current }) => (
          <Link key={name} to={to} aria-current={current}>
            {name}
          </Link>
        ))}
      </nav>
    )
  }
  return (
    <MenuButton
      label={`Sections: ${current}`}
      className="button quiet navigation-button"
      align="start"
      trigger={<Icon name="menu" />}
    >
      {links.map(({ name, to, current }) => (
        <Menu.Item
          key={name}
          className="menu-item"
          aria-current={current}
          render={<Link to={to}>{name}</Link>}
        />
      ))}
    </MenuButton>
  )
}

/** Within a section of several pages. */
export function SectionNavigation() {
  const { pathname } = useLocation()
  const scopes = useSession().data?.scopes ?? []
  const section = pages.find(({ path }) => path === pathname)?.section
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    if (pathname === '') return
    // On a phone the links are a strip, which may hide the one that is open.
    nav.current
      ?.querySelector('[aria-current]')
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [pathname])
  const within = section === undefined ? [] : openTo(scopes, section)
  if (section === undefined || within.length < 2) return null
  return (
    <nav ref={nav} className="section-navigation" aria-label={section}>
      {within.map(({ path, title }) => (
        <Link key={path} to={path} aria-current={path === pathname ? 'page' : undefined}>
          {title}
        </Link>
      ))}
    </nav>
  )
}
