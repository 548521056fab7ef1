import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const service = process.env.INDELIBLE_URL ?? 'http://127.0.0.1:4680'
const root = import.meta.dirname

export default defineConfig({
  root,
  base: '/console/',
  plugins: [react()],
  // No data: URLs for scripts or styles, and nothing in the page that the policy would refuse.
  build: {
    assetsInlineLimit: 0,
    license: { fileName: 'licences.json' },
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        index: join(root, 'index.html'),
        // The page of the API, at /docs.
        api: join(root, 'api.html'),
        // The viewer in other sites' pages, and the element that puts it there.
        embed: join(root, 'embed.html'),
        viewer: join(root, '../viewer/src/register.ts'),
      },
      output: {
        // Pages elsewhere name the element's script by this name.
        entryFileNames: ({ name }) => (name === 'viewer' ? 'viewer.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  server: { proxy: { '/v1': service } },
})
