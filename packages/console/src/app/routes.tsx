import { BrowserRouter, Navigate, Route, Routes } from 'react-router'
import { EventsPage } from './pages/events-page.tsx'
import { NotFoundPage } from './pages/not-found.tsx'
import { pages } from './pages/pages.tsx'
import { PageFrame, SectionStart, Shell } from './pages/shell.tsx'
import { basePath, paths } from './paths.ts'
import { SignedIn } from './session/signed-in.tsx'

/** Every page. A data router would add 30 KB for loaders that TanStack Query makes needless. */
export const AppRoutes = () => (
  <BrowserRouter basename={basePath}>
    <Routes>
      <Route element={<SignedIn />}>
        <Route path={paths.home} element={<Navigate to={paths.events} replace />} />
        <Route path={paths.events} element={<EventsPage />} />
        <Route element={<Shell />}>
          <Route path={paths.administration} element={<SectionStart section="Administration" />} />
          {pages.map((page) => (
            <Route key={page.path} path={page.path} element={<PageFrame page={page} />} />
          ))}
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Route>
    </Routes>
  </BrowserRouter>
)
