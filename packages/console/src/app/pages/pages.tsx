import type { Scope } from '@indelible/protocol'
import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import { paths } from '../paths.ts'

/** What the navigation names. A section of several pages has a navigation of its own. */
export const sections = ['Integrity', 'Administration', 'Service'] as const
export type Section = (typeof sections)[number]

/** A page of the shell; the events page stands beside them, with a layout of its own. */
export interface PageEntry {
  readonly section: Section
  readonly path: string
  readonly title: string
  /** Whoever has it not is told so, and offered no link. */
  readonly scope: Scope
  readonly Page: LazyExoticComponent<ComponentType>
}

/** Every page but the events, in the order of the navigation; loaded when it is first opened. */
export const pages: readonly PageEntry[] = [
  {
    section: 'Integrity',
    path: paths.integrity,
    title: 'Integrity',
    scope: 'read',
    Page: lazy(async () => ({
      default: (await import('./integrity/integrity.tsx')).IntegrityPage,
    })),
  },
  {
    section: 'Service',
    path: paths.service,
    title: 'Service',
    scope: 'admin',
    Page: lazy(async () => ({ default: (await import('./service/service.tsx')).ServicePage })),
  },
  {
    section: 'Administration',
    path: paths.tenants,
    title: 'Tenants',
    scope: 'admin',
    Page: lazy(async () => ({
      default: (await import('./administration/tenants.tsx')).TenantsPage,
    })),
  },
  {
    section: 'Administration',
    path: paths.users,
    title: 'Users',
    scope: 'admin',
    Page: lazy(async () => ({ default: (await import('./administration/users.tsx')).UsersPage })),
  },
  {
    section: 'Administration',
    path: paths.keys,
    title: 'API keys',
    scope: 'admin',
    Page: lazy(async () => ({ default: (await import('./administration/keys.tsx')).KeysPage })),
  },
  {
    section: 'Administration',
    path: paths.viewerLinks,
    title: 'Viewer links',
    scope: 'admin',
    Page: lazy(async () => ({
      default: (await import('./administration/viewer-links.tsx')).ViewerLinksPage,
    })),
  },
  {
    section: 'Administration',
    path: paths.redaction,
    title: 'Redaction',
    scope: 'admin',
    Page: lazy(async () => ({
      default: (await import('./administration/redaction.tsx')).RedactionPage,
    })),
  },
  {
    section: 'Administration',
    path: paths.schemas,
    title: 'Schemas',
    scope: 'admin',
    Page: lazy(async () => ({
      default: (await import('./administration/schemas.tsx')).SchemasPage,
    })),
  },
]

/** A section's pages that somebody may open. */
export const openTo = (scopes: readonly Scope[], section: Section): readonly PageEntry[] =>
  pages.filter((page) => page.section === section && scopes.includes(page.scope))
