import type { Answer } from '@indelible/testkit'

/** @throws Error with the answer, where what is valid was refused */
export async function assertTaken(asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked
  if (answer.status < 300) return answer
  throw new Error(`What is valid was answered ${answer.status}: ${answer.text}`)
}
