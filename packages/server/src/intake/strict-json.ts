import { limits } from '@indelible/protocol'
import { appendPointer } from '../base/pointer.ts'
import { Refusal } from '../base/refusal.ts'
import { findNumberFault } from './json-number.ts'

/**
 * Deeper than this isn't even read: bounds our recursion. Above `eventDepthMax`, so that the
 * validator can still name what is too deep in an event by its pointer.
 */
export const parseDepthMax = 2 * limits.eventDepthMax

/** Items of one array or object beyond which none fits an event or a batch, nor is read. */
export const parseItemsMax = limits.eventBytesMax / 2

const numberPattern = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
const hexPattern = /^[0-9a-fA-F]{4}$/
const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

/**
 * Parses one JSON text strictly: the authority behind the fast path of `parseJson`.
 *
 * @throws Refusal `json-malformed`, or `event-invalid` for what nests deeper than `parseDepthMax`.
 */
export function parseStrictJson(text: string, place: TextPlace): unknown {
  return new StrictScanner(text, place).scan()
}

/** Where in what the caller sent a text begins, for the words of a refusal. */
export interface TextPlace {
  readonly line: number
  readonly pointer: string
}

/** A position in one text; lives as long as one parse. */
class StrictScanner {
  readonly #text: string
  readonly #place: TextPlace
  readonly #path: (string | number)[] = []
  #at = 0

  constructor(text: string, place: TextPlace) {
    this.#text = text
    this.#place = place
  }

  scan(): unknown {
    if (this.#text.charCodeAt(0) === 0xfeff) throw this.#malformed('A byte order mark', 0)
    const value = this.#scanValue()
    this.#skipWhiteSpace()
    if (this.#at < this.#text.length) throw this.#unexpected('the end, after a complete value')
    return value
  }

  #scanValue(): unknown {
    this.#skipWhiteSpace()
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x7b:
        return this.#scanObject()
      case 0x5b:
        return this.#scanArray()
      case 0x22:
        return this.#scanString()
      case 0x74:
        return this.#scanWord('true', true)
      case 0x66:
        return this.#scanWord('false', false)
      case 0x6e:
        return this.#scanWord('null', null)
      default:
        return this.#scanNumber()
    }
  }

  #scanObject(): Record<string, unknown> {
    const depth = this.#open()
    const object: Record<string, unknown> = {}
    if (this.#closes(0x7d)) return object
    for (let items = 1; ; items++) {
      this.#assertFewItems(items, depth)
      this.#skipWhiteSpace()
      const start = this.#at
      if (this.#text.charCodeAt(start) !== 0x22) throw this.#unexpected('a member name in quotes')
      const key = this.#scanString()
      this.#path[depth] = key
      if (Object.hasOwn(object, key)) {
        throw this.#malformed(`Member ${JSON.stringify(key)} again in one object`, start)
      }
      this.#skipWhiteSpace()
      if (this.#text.charCodeAt(this.#at) !== 0x3a) throw this.#unexpected('":"')
      this.#at++
      setMember(object, key, this.#scanValue())
      if (this.#endsAfterItem(0x7d, '"," or "}"')) break
    }
    this.#path.length = depth
    return object
  }

  #scanArray(): unknown[] {
    const depth = this.#open()
    const array: unknown[] = []
    if (this.#closes(0x5d)) return array
    for (;;) {
      this.#assertFewItems(array.length + 1, depth)
      this.#path[depth] = array.length
      array.push(this.#scanValue())
      if (this.#endsAfterItem(0x5d, '"," or "]"')) break
    }
    this.#path.length = depth
    return array
  }

  /** Enters an object or array. @returns the depth of its members' names in the path. */
  #open(): number {
    const depth = this.#path.length
    if (depth >= parseDepthMax) {
      throw this.#beyondBounds(`Nested deeper than ${limits.eventDepthMax} levels`)
    }
    this.#at++
    return depth
  }

  #assertFewItems(items: number, depth: number): void {
    if (items <= parseItemsMax) return
    this.#path.length = depth
    throw this.#beyondBounds(`More than ${parseItemsMax} items in one array or object`)
  }

  #closes(closing: number): boolean {
    this.#skipWhiteSpace()
    if (this.#text.charCodeAt(this.#at) !== closing) return false
    this.#at++
    return true
  }

  #endsAfterItem(closing: number, expected: string): boolean {
    if (this.#closes(closing)) return true
    if (this.#text.charCodeAt(this.#at) !== 0x2c) throw this.#unexpected(expected)
    this.#at++
    return false
  }

  #scanString(): string {
    const text = this.#text
    const opening = this.#at++
    let runStart = this.#at
    let scanned = ''
    for (;;) {
      const code = text.charCodeAt(this.#at)
      if (code === 0x22) {
        scanned += text.slice(runStart, this.#at++)
        break
      }
      if (code === 0x5c) {
        scanned += text.slice(runStart, this.#at)
        scanned += this.#scanEscape()
        runStart = this.#at
      } else if (code >= 0x20) this.#at++
      else if (Number.isNaN(code)) throw this.#malformed('A string without its end', opening)
      else throw this.#malformed('A bare control character in a string', this.#at)
    }
    // Decoded UTF-8 has no lone surrogates; only an escape can bring one in.
    if (runStart !== opening + 1 && !scanned.isWellFormed()) {
      throw this.#malformed('A lone surrogate in a string', opening)
    }
    return scanned
  }

  #scanEscape(): string {
    const start = this.#at
    const letter = this.#text.charAt(start + 1)
    const simple = simpleEscapes.get(letter)
    if (simple !== undefined) {
      this.#at += 2
      return simple
    }
    const hex = this.#text.slice(start + 2, start + 6)
    if (letter !== 'u' || !hexPattern.test(hex)) throw this.#malformed('A bad escape', start)
    const code = Number.parseInt(hex, 16)
    if (code === 0) throw this.#malformed('The character NUL', start)
    this.#at += 6
    return String.fromCharCode(code)
  }

  #scanNumber(): number {
    const start = this.#at
    numberPattern.lastIndex = start
    const match = numberPattern.exec(this.#text)
    if (match === null) throw this.#unexpected('a value')
    const [literal, fraction, exponent] = match
    this.#at += literal.length
    const value = Number(literal)
    const fault = findNumberFault(literal, value, fraction === undefined && exponent === undefined)
    if (fault !== undefined) throw this.#malformed(fault, start)
    return value
  }

  #scanWord<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected('a value')
    this.#at += word.length
    return value
  }

  #skipWhiteSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.#at++
    }
  }

  #unexpected(expected: string): Refusal {
    const isEnd = this.#at >= this.#text.length
    const found = isEnd ? 'The text ends' : JSON.stringify(this.#text.charAt(this.#at))
    return this.#malformed(`${found} where ${expected} should be`, this.#at)
  }

  #malformed(what: string, at: number): Refusal {
    const detail = `${what} ${this.#position(at)}.`
    return new Refusal('json-malformed', { detail, errors: [{ pointer: this.#pointer(), detail }] })
  }

  #beyondBounds(what: string): Refusal {
    const detail = `${what} ${this.#position(this.#at)}.`
    return new Refusal('event-invalid', { detail, errors: [{ pointer: this.#pointer(), detail }] })
  }

  #position(at: number): string {
    const before = this.#text.slice(0, at)
    const lineStart = before.lastIndexOf('\n') + 1
    const line = this.#place.line + before.split('\n').length - 1
    return `at line ${line}, column ${at - lineStart + 1}`
  }

  #pointer(): string {
    return this.#path.reduce<string>(appendPointer, this.#place.pointer)
  }
}

/** Like `JSON.parse`: `__proto__` is a member like any other, for the validator to refuse. */
function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, ...ordinary })
}

const ordinary = { configurable: true, enumerable: true, writable: true }
