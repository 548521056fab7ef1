/** JSON that a person types: what it holds, or where it stops being JSON. */
export interface JsonText {
  /** Undefined where there is a fault. */
  readonly value: unknown
  readonly fault: { readonly at: number; readonly detail: string } | undefined
  /** Where each part begins, a member with its name: offsets by JSON pointer. */
  readonly places: ReadonlyMap<string, number>
}

class Stop extends Error {
  readonly at: number
  constructor(at: number, detail: string) {
    super(detail)
    this.at = at
  }
}

const space = /[ \t\r\n]*/y
const string = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y

/** Browsers say each in words of their own where JSON is at fault, and some not even where. */
export function readJson(text: string): JsonText {
  const places = new Map<string, number>()
  let at = 0

  function take(expression: RegExp): string | undefined {
    expression.lastIndex = at
    const [found] = expression.exec(text) ?? []
    if (found !== undefined) at += found.length
    return found
  }
  const skip = () => void take(space)

  function readValue(pointer: string): void {
    skip()
    if (!places.has(pointer)) places.set(pointer, at)
    if (text[at] === '{') readList(pointer, '}', readMember)
    else if (text[at] === '[') readList(pointer, ']', readItem)
    else if (text[at] === '"') readString()
    else if (take(scalar) === undefined) throw new Stop(at, describeValue(text[at]))
  }

  function readList(
    pointer: string,
    end: '}' | ']',
    readOne: (pointer: string, position: number) => void,
  ): void {
    at++
    skip()
    for (let position = 0; text[at] !== end; position++) {
      if (position > 0) {
        if (text[at] !== ',') throw new Stop(at, `A comma or ${end} belongs here.`)
        at++
        skip()
        if (text[at] === end) throw new Stop(at, `Nothing follows this comma but ${end}.`)
      }
      readOne(pointer, position)
      skip()
    }
    at++
  }

  function readMember(pointer: string): void {
    if (text[at] !== '"') throw new Stop(at, 'A name in double quotes belongs here.')
    const start = at
    const name = readString()
    const own = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (places.has(own)) throw new Stop(start, `“${name}” stands here for the second time.`)
    places.set(own, start)
    skip()
    if (text[at] !== ':') throw new Stop(at, 'A colon belongs here.')
    at++
    readValue(own)
  }

  const readItem = (pointer: string, position: number) => readValue(`${pointer}/${position}`)

  function readString(): string {
    const found = take(string)
    if (found === undefined) throw new Stop(at, 'This text in quotes has no end, or a bad escape.')
    return String(JSON.parse(found))
  }

  try {
    readValue('')
    skip()
    if (at < text.length) throw new Stop(at, 'Nothing belongs behind the end.')
    return { value: JSON.parse(text), fault: undefined, places }
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    return { value: undefined, fault: { at: error.at, detail: error.message }, places }
  }
}

function describeValue(found: string | undefined): string {
  if (found === undefined) return 'It ends too early.'
  if (found === "'") return 'Texts and names stand in double quotes.'
  return 'A value belongs here: { } [ ] "…", a number, true, false or null.'
}

/** From 1, as editors count. */
export function placeOf(
  text: string,
  at: number,
): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split('\n')
  return { line: before.length, column: [...(before.at(-1) ?? '')].length + 1 }
}

/** Where a pointer leads in a text; to what is around it where it is not there. */
export function findPlace({ places }: JsonText, pointer: string): number {
  for (let rest = pointer; ; rest = rest.slice(0, rest.lastIndexOf('/'))) {
    const at = places.get(rest)
    if (at !== undefined || rest === '') return at ?? 0
  }
}

const lineCharsMax = 72

/** JSON as a person would write it: what is short and simple stands on one line. */
export function formatJson(value: unknown, indent = ''): string {
  if (indent.length + JSON.stringify(value).length <= lineCharsMax) return formatLine(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const deeper = `${indent}  `
  const parts = listParts(value).map(
    ([name, part]) => `${deeper}${name}${formatJson(part, deeper)}`,
  )
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${parts.join(',\n')}\n${indent}${close}`
}

function formatLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const parts = listParts(value).map(([name, part]) => name + formatLine(part))
  if (Array.isArray(value)) return `[${parts.join(', ')}]`
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
}

const listParts = (value: object): (readonly [string, unknown])[] =>
  Array.isArray(value)
    ? value.map((item) => ['', item])
    : Object.entries(value).map(([name, member]) => [`${JSON.stringify(name)}: `, member])
