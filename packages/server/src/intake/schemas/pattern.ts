import { type Node, PatternFault, parsePattern } from './pattern-syntax.ts'

/** States that all patterns of one schema may have together: `(a{99}){99}` is short to write. */
const statesMax = 4_000
/** What an expression of the language's own takes, in states: 10 µs to make, and 1 kB. */
const statesPerExpression = 10

/** @param spend is told the steps of the work, as it is done */
export type Pattern = (text: string, spend: (steps: number) => void) => boolean

/** Matches what follows each of some states. `to` is where it goes on; two of them: either. */
interface State {
  readonly kind: 'character' | 'start' | 'end' | 'fork' | 'match'
  readonly test?: (character: string) => boolean
  readonly to: number[]
}

/** Compiles the patterns of one schema. */
export function createPatternCompiler(): {
  /** @throws PatternFault */
  compile(source: string): Pattern
  /** States of all of them, and what they are tested by. */
  readonly parts: number
} {
  const patterns = new Map<string, Pattern>()
  const tests = new Map<string, (character: string) => boolean>()
  let statesLeft = statesMax
  const testOf = (source: string) => {
    // Most are themselves, and need no expression.
    if (source.length === 1 && source !== '.') return (character: string) => character === source
    const test = tests.get(source) ?? createTest(source)
    tests.set(source, test)
    return test
  }
  const build = (source: string): Pattern => {
    const tree = parsePattern(source)
    const states: State[] = [{ kind: 'match', to: [] }]
    const add = (state: State): number => {
      if (--statesLeft < 0) throw new PatternFault('Too long, or repeats too much.')
      return states.push(state) - 1
    }
    const first = addNode(tree, 0, add, testOf, states)
    return (text, spend) => run(states, first, text, spend)
  }
  return {
    compile(source) {
      const pattern = patterns.get(source) ?? build(source)
      patterns.set(source, pattern)
      return pattern
    },
    get parts() {
      return statesMax - statesLeft + statesPerExpression * tests.size
    },
  }
}

/** One character's test, by the language's own engine; remembered for ASCII. */
function createTest(source: string): (character: string) => boolean {
  const expression = new RegExp(`^${source}$`, 'u')
  const known: (boolean | undefined)[] = []
  return (character) => {
    const code = character.charCodeAt(0)
    if (code > 127) return expression.test(character)
    known[code] ??= expression.test(character)
    return known[code]
  }
}

/** Thompson's construction, from the end to the front. @returns the state that `node` begins at */
function addNode(
  node: Node,
  next: number,
  add: (state: State) => number,
  testOf: (source: string) => (character: string) => boolean,
  states: readonly State[],
): number {
  const put = (child: Node, to: number) => addNode(child, to, add, testOf, states)
  switch (node.kind) {
    case 'character':
      return add({ kind: 'character', test: testOf(node.source), to: [next] })
    case 'start':
    case 'end':
      return add({ kind: node.kind, to: [next] })
    case 'sequence':
      return node.nodes.reduceRight((to, child) => put(child, to), next)
    case 'choice':
      return add({ kind: 'fork', to: node.nodes.map((child) => put(child, next)) })
    case 'repeat': {
      let at = next
      if (node.max === Infinity) {
        const fork: State = { kind: 'fork', to: [next] }
        at = add(fork)
        fork.to.push(put(node.node, at))
      } else {
        for (let count = node.max; count > node.min; count--) {
          at = add({ kind: 'fork', to: [next, put(node.node, at)] })
        }
      }
      // A state for each turn, or what is empty could be repeated for ever at no cost.
      for (let count = node.min; count > 0; count--) {
        at = add({ kind: 'fork', to: [put(node.node, at)] })
      }
      return at
    }
  }
}

/** All ways at once (Thompson, 1968): the work is characters × states at most. */
function run(
  states: readonly State[],
  first: number,
  text: string,
  spend: (steps: number) => void,
): boolean {
  /** The position, plus one, at which a state was last reached. */
  const reached = new Uint32Array(states.length)
  spend(1 + (states.length >> 3))
  let current: State[] = []
  let at = 0

  /** @returns true if the match is complete */
  const reach = (from: number, into: State[]): boolean => {
    const waiting = [from]
    for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
      const state = states[number]
      if (state === undefined || reached[number] === at + 1) continue
      reached[number] = at + 1
      spend(1)
      if (state.kind === 'match') return true
      if (state.kind === 'character') into.push(state)
      else if (state.kind === 'start' && at !== 0) continue
      else if (state.kind === 'end' && at !== text.length) continue
      else waiting.push(...state.to)
    }
    return false
  }

  for (;;) {
    // Not anchored: it may begin at any character.
    if (reach(first, current)) return true
    if (at >= text.length) return false
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
    const next: State[] = []
    at += character.length
    spend(1 + current.length)
    for (const { test, to } of current) {
      if (test?.(character) === true && reach(to[0] ?? 0, next)) return true
    }
    current = next
  }
}
