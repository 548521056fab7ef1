/**
 * The part of ECMAScript's regular expressions (`u`) that can be matched in linear time: no look
 * around, no reference back. As a tree of what `pattern.ts` makes states of.
 */
export type Node =
  /** Source of what matches one character: `a`, `.`, `\d`, `[a-z]`. */
  | { readonly kind: 'character'; readonly source: string }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly nodes: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly min: number; readonly max: number }

/** Why a pattern can't be taken; its message is for whoever wrote it. */
export class PatternFault extends Error {}

const groupsMax = 50
const quantifier = /([*+?]|\{(\d+)(,?)(\d*)\})\??/y
const characterClass = /\[(?:\\.|[^\]\\])*\]/suy
const escaped =
  /\\(?:u\{[0-9a-fA-F]+\}|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]*\}|c[a-zA-Z]|.)/suy

/** @throws PatternFault */
export function parsePattern(source: string): Node {
  try {
    new RegExp(source, 'u')
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'not valid'
    throw new PatternFault(`Not a regular expression (flag u): ${reason.split(': ').at(-1)}.`)
  }
  let at = 0
  let groups = 0

  function take(expression: RegExp): string | undefined {
    expression.lastIndex = at
    const [text] = expression.exec(source) ?? []
    if (text !== undefined) at += text.length
    return text
  }

  function parseChoice(): Node {
    const nodes = [parseSequence()]
    while (source[at] === '|') {
      at++
      nodes.push(parseSequence())
    }
    return nodes.length === 1 && nodes[0] !== undefined ? nodes[0] : { kind: 'choice', nodes }
  }

  function parseSequence(): Node {
    const nodes: Node[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') {
      nodes.push(parseRepeat(parseAtom()))
    }
    return { kind: 'sequence', nodes }
  }

  function parseRepeat(node: Node): Node {
    const text = take(quantifier)
    if (text === undefined) return node
    if (text.startsWith('*')) return { kind: 'repeat', node, min: 0, max: Infinity }
    if (text.startsWith('+')) return { kind: 'repeat', node, min: 1, max: Infinity }
    if (text.startsWith('?')) return { kind: 'repeat', node, min: 0, max: 1 }
    const [least = '0', most = least] = text.replace(/[{}?]/g, '').split(',')
    return { kind: 'repeat', node, min: Number(least), max: most === '' ? Infinity : Number(most) }
  }

  function parseAtom(): Node {
    switch (source[at]) {
      case '^':
        at++
        return { kind: 'start' }
      case '$':
        at++
        return { kind: 'end' }
      case '(':
        return parseGroup()
      case '[':
        return { kind: 'character', source: take(characterClass) ?? '' }
      case '\\':
        return parseEscape()
      default: {
        const character = String.fromCodePoint(source.codePointAt(at) ?? 0)
        at += character.length
        return { kind: 'character', source: character }
      }
    }
  }

  function parseGroup(): Node {
    at++
    if (source[at] === '?') {
      const opening = take(/\?(?::|<(?![=!])[^>]*>)/uy)
      if (opening === undefined)
        throw new PatternFault('Of groups only (…) and (?:…) are supported.')
    }
    if (++groups > groupsMax) throw new PatternFault(`More than ${groupsMax} groups.`)
    const node = parseChoice()
    at++
    return node
  }

  function parseEscape(): Node {
    const text = take(escaped) ?? ''
    if (/^\\(?:[1-9]|k)/.test(text)) throw new PatternFault('References back are not supported.')
    if (/^\\b$/i.test(text)) throw new PatternFault('Word boundaries are not supported.')
    return { kind: 'character', source: text }
  }

  return parseChoice()
}
