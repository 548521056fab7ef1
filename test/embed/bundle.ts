import { join } from 'node:path'
import { build } from 'vite'

const root = join(import.meta.dirname, '../..')
const entry = join(root, 'test/embed/page.js')
const viewer = join(root, 'packages/viewer/src')

/** A page's script as a customer's bundler makes it, from a text that imports React and the viewer. */
export async function bundle(text: string): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: 'silent',
    root,
    resolve: {
      alias: {
        '@indelible/viewer/react': `${viewer}/react.ts`,
        '@indelible/viewer': `${viewer}/index.ts`,
      },
    },
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? text : null),
      },
    ],
    build: { write: false, rolldownOptions: { input: entry } },
  })
  if (!('output' in made)) throw new Error('The bundler made more than one page.')
  return made.output[0].code
}
