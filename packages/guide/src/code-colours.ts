import { createCssVariablesTheme } from 'shiki'
import type { MarkdownOptions } from 'vitepress'

type Transformer = NonNullable<MarkdownOptions['codeTransformers']>[number]

/** Names for what code is made of, whose colours are in `.vitepress/theme/code.css`. */
export const codeColours = createCssVariablesTheme({ name: 'names', variablePrefix: '--code-' })

/**
 * Puts a class where the highlighter writes a style: the service's policy lets no page style its
 * elements inline.
 */
export const namePlainly: Transformer = {
  name: 'name-plainly',
  pre: ({ properties }) => void delete properties.style,
  span({ properties }) {
    const [, name] = /--code-([\w-]+)/.exec(String(properties.style)) ?? []
    delete properties.style
    if (name !== undefined) properties.class = name
  },
}
