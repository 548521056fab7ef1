import { createBrowserRouter, Navigate } from 'react-router'
import { EventsPage } from './pages/events.tsx'
import { NotFoundPage } from './pages/not-found.tsx'
import { basePath, paths } from './paths.ts'
import { SignedIn } from './session/signed-in.tsx'
import { CrashPage } from './ui/crash-page.tsx'

export const createRouter = () =>
  createBrowserRouter(
    [
      {
        element: <SignedIn />,
        errorElement: <CrashPage />,
        children: [
          { path: paths.home, element: <Navigate to={paths.events} replace /> },
          { path: paths.events, element: <EventsPage /> },
          { path: '*', element: <NotFoundPage /> },
        ],
      },
    ],
    { basename: basePath },
  )
