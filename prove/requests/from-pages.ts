import type { Shape } from './draft.ts'

const paths = [
  ...['/', '/openapi.json', '/docs', '/docs/', '/docs/problems', '/docs/guide/', '/console'],
  ...['/embed', '/docs/postman.json', '/favicon.ico', '/v1', '/v2/events', '/.git/config'],
]

/** What is there for browsers, and what is not there at all. */
export const pageShapes: readonly Shape[] = paths.map((path) => ({
  ...{ name: `GET ${path}`, method: 'GET', weight: path === '/openapi.json' ? 0.2 : 1 },
  make: () => ({ path, credential: '' }),
}))
