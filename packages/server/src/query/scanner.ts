import { Refusal } from '../base/refusal.ts'

/** A fault of a query: what is wrong, at which character of `q`, counted from 1, and what to do. */
export function refuseQuery(q: string, at: number, fault: string, hint?: string): Refusal {
  const column = Array.from(q.slice(0, at)).length + 1
  const advice = hint === undefined ? '' : `: ${hint}`
  const detail = `${fault.charAt(0).toUpperCase()}${fault.slice(1)} at column ${column}${advice}.`
  return new Refusal('query-invalid', { detail })
}

const whiteSpace = /\s/
const endsBare = /[\s,():"*]/

export interface Piece {
  readonly text: string
  readonly quoted: boolean
  readonly at: number
}

/** Reads the pieces of a query from left to right. Owned by one call of `parseQuery`. */
export class Scanner {
  readonly q: string
  at = 0

  constructor(q: string) {
    this.q = q
  }

  get done(): boolean {
    return this.at >= this.q.length
  }

  /** The character at hand; empty at the end. */
  get next(): string {
    return this.q.charAt(this.at)
  }

  /** Whether a term ends here. */
  get isBreak(): boolean {
    return this.done || whiteSpace.test(this.next)
  }

  skipWhiteSpace(): void {
    while (!this.done && whiteSpace.test(this.next)) this.at++
  }

  /** Takes the character at hand if it is this one. */
  take(character: string): boolean {
    if (this.next !== character) return false
    this.at++
    return true
  }

  /** A quoted or bare piece; bare ones may be empty. Instants may hold `:`. */
  readPiece(colonAllowed: boolean): Piece {
    return this.next === '"' ? this.readQuoted() : this.readBare(colonAllowed)
  }

  fault(fault: string, hint?: string, at = this.at): Refusal {
    return refuseQuery(this.q, at, fault, hint)
  }

  private readBare(colonAllowed: boolean): Piece {
    const at = this.at
    while (!this.done && (!endsBare.test(this.next) || (colonAllowed && this.next === ':')))
      this.at++
    return { text: this.q.slice(at, this.at), quoted: false, at }
  }

  private readQuoted(): Piece {
    const at = this.at
    let text = ''
    for (this.at++; !this.done; this.at++) {
      if (this.next === '"') {
        this.at++
        return { text, quoted: true, at }
      }
      if (this.next === '\\') this.at++
      text += this.next
    }
    throw this.fault('the quote is not closed', undefined, at)
  }
}
