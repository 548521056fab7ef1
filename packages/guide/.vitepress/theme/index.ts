import theme from 'vitepress/theme-without-fonts'
import { h } from 'vue'
// After the theme's own, which they change.
import './brand.css'
import './code.css'

/** Pages beside the site: with a target VitePress does not look for them among its own. */
const beside = () =>
  h('div', { class: 'beside' }, [
    h('a', { href: '/docs', target: '_self' }, 'API'),
    h('a', { href: '/console', target: '_self' }, 'Console'),
  ])

export default {
  extends: theme,
  Layout: () =>
    h(theme.Layout, null, {
      'nav-bar-content-after': beside,
      'nav-screen-content-after': beside,
    }),
}
