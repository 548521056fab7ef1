import type { ViewerTheme } from '@indelible/protocol'

/** Read of the element as CSS properties: `--indelible-accent` and so on. */
const names = ['accent', 'background', 'surface', 'text', 'radius', 'font'] as const

/** What the page's style sheets say of the viewer; the viewer checks each value. */
export function readTheme(element: Element, scheme: string): ViewerTheme {
  const style = getComputedStyle(element)
  const values = names.flatMap((name) => {
    const value = style.getPropertyValue(`--indelible-${name}`).trim()
    return value === '' ? [] : [[name, value] as const]
  })
  return { scheme, values: Object.fromEntries(values) }
}

/** Calls back when the page may look otherwise: pages change their looks by an attribute of the root. */
export function watchTheme(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange)
  observer.observe(document.documentElement, { attributes: true })
  const dark = matchMedia('(prefers-color-scheme: dark)')
  dark.addEventListener('change', onChange)
  return () => {
    observer.disconnect()
    dark.removeEventListener('change', onChange)
  }
}
