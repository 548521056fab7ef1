import type { Answer } from '@indelible/testkit'
import { parseAnswer } from '../clients/wire-answers.ts'

/** Reads answers to POSTs out of the bytes of one connection, as they become whole. */
export function createAnswerReader(onAnswer: (answer: Answer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (let found = parseAnswer(rest, 'POST'); found; found = parseAnswer(rest, 'POST')) {
      rest = rest.subarray(found.length)
      if (found.answer === undefined) continue
      const text = found.answer.body.toString()
      const { status } = found.answer
      onAnswer({ status, headers: new Headers(), text, json: JSON.parse(text) })
    }
  }
}
