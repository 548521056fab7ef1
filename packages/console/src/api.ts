import '@fastify/swagger-ui/static/swagger-ui.css'
import './app/ui/tokens.css'
import './api.css'
import showApi from '@fastify/swagger-ui/static/swagger-ui-bundle.js'
import { browserStorage } from './app/preferences/browser-storage.ts'

// As the console looks, where somebody chose.
const theme = browserStorage.getItem('indelible.theme')
const prefersDark = matchMedia('(prefers-color-scheme: dark)')
const root = document.documentElement
if (theme === 'light' || theme === 'dark') root.dataset.theme = theme

function applyScheme(): void {
  root.classList.toggle('dark-mode', theme === 'dark' || (theme !== 'light' && prefersDark.matches))
}
applyScheme()
prefersDark.addEventListener('change', applyScheme)

showApi({
  dom_id: '#root',
  url: '/openapi.json',
  deepLinking: true,
  // It would send our document to a validator on the Internet.
  validatorUrl: null,
})
