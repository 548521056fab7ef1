import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('who has neither a database nor a broker does without their drivers', () => {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({
      resolve(specifier, context, next) {
        const found = next(specifier, context)
        if (/node_modules\\/(pg|amqplib|@nats-io)\\//.test(found.url)) loaded.push(specifier)
        return found
      },
    })
    await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)})
    console.log(loaded.join())`
  const node = [...['--input-type=module', '--eval'], script]
  expect(execFileSync(process.execPath, node, { encoding: 'utf8' })).toBe('\n')
})
