import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const service = process.env.INDELIBLE_URL ?? 'http://127.0.0.1:4680'

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react()],
  // No data: URLs for scripts or styles, and nothing in the page that the policy would refuse.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/v1': service } },
})
