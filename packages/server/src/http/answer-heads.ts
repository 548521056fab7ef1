import type { Head } from '@indelible/protocol'
import type { FastifyReply } from 'fastify'

/** Answers an append: 201 if anything of it is new, 200 if all of it was kept before. */
export function answerHeads(
  reply: FastifyReply,
  heads: readonly Head[],
  shape: 'single' | 'batch',
) {
  const isNew = heads.length === 0 || heads.some((head) => head.duplicate !== true)
  reply.code(isNew ? 201 : 200).header('content-type', 'application/json; charset=utf-8')
  return reply.send(JSON.stringify(shape === 'single' ? heads[0] : { entries: heads }))
}
