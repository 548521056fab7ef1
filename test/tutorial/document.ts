/** A tutorial as what there is to be done, in order. */
export type Step =
  /** `first`: in the terminal that the service runs in. */
  | {
      readonly kind: 'command'
      readonly first: boolean
      readonly command: string
      readonly output: string
    }
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'edit'; readonly path: string; readonly hunks: readonly Hunk[] }

interface Hunk {
  readonly before: string
  readonly after: string
}

/**
 * Reads the fenced blocks: `console` is commands with what they print, `js` a file that its first line
 * names, `diff` a change of one.
 * @throws Error for any other block: nothing of a tutorial goes untried
 */
export function readTutorial(markdown: string): readonly Step[] {
  const blocks = [...markdown.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)]
  return blocks.flatMap(([, info = '', text = '']): readonly Step[] => {
    if (info === 'js') return [{ kind: 'file', path: nameOf(/^\/\/ (\S+)\n/, text), text }]
    if (info === 'diff') return [{ kind: 'edit', ...readDiff(text) }]
    if (info === 'console') return readCommands(text, false)
    if (info === 'console first') return readCommands(text, true)
    throw new Error(`What is to be done with a block of ${info}?`)
  })
}

function nameOf(pattern: RegExp, text: string): string {
  const [, name] = pattern.exec(text) ?? []
  if (name === undefined) throw new Error(`Which file is it? ${text}`)
  return name
}

function readCommands(text: string, first: boolean): readonly Step[] {
  const commands = text.split(/^(?=\$ |\^C$)/m)
  return commands.map((each) => {
    const [line = '', ...output] = each.split('\n')
    return { kind: 'command', first, command: line.replace('$ ', ''), output: output.join('\n') }
  })
}

function readDiff(text: string): { readonly path: string; readonly hunks: readonly Hunk[] } {
  const [, ...hunks] = text.split('@@\n')
  const side = (hunk: string, other: string): string =>
    hunk
      .split('\n')
      .filter((line) => !line.startsWith(other))
      .map((line) => line.slice(1))
      .join('\n')
  return {
    path: nameOf(/^--- (\S+)\n/, text),
    hunks: hunks.map((hunk) => ({ before: side(hunk, '+'), after: side(hunk, '-') })),
  }
}

/** @throws Error where a hunk does not stand in the file, once */
export function applyHunks(text: string, hunks: readonly Hunk[]): string {
  return hunks.reduce((edited, { before, after }) => {
    const [head = '', tail, ...others] = edited.split(before)
    if (tail === undefined || others.length > 0) throw new Error(`Where is this?\n${before}`)
    return head + after + tail
  }, text)
}

/** What differs from one run to the next: times, keys and their ids, names of logs. */
const passing =
  /(…|\b\d{4}-\d\d-\d\d[T ][\d:.]+Z?|\bindelible\.invalid\/\S+|\bind_[\w-]+|\b(?=[a-z]*\d)[a-z\d]{12}\b|127\.0\.0\.1:\d+| +)/

/** What a person would take for the same output; `…` is anything. */
export function toPattern(output: string): RegExp {
  const parts = output
    .trimEnd()
    .split(passing)
    .map((token, at) => {
      if (at % 2 === 0) return RegExp.escape(token)
      if (token === '…') return '[^]*?'
      return token.trim() === '' ? ' +' : '[\\w./:+-]+(?: [\\d:]+)?'
    })
  return new RegExp(`^${parts.join('')}\\s*$`)
}
