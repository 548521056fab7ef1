import type { preHandlerHookHandler } from 'fastify'
import { translateKubernetes } from '../../intake/dialects/kubernetes.ts'
import { translateCloudTrail, translateGitHub } from '../../intake/dialects/record-bodies.ts'
import type { Translation } from '../../intake/dialects/translation.ts'
import { answerHeads } from '../answer-heads.ts'
import type { App } from '../app.ts'
import { readOne } from '../read-request.ts'
import { type Dialect, type DialectParts, openDialect } from './dialect.ts'

/** What delivers records of its own in batches, and reads no more of an answer than its status. */
interface RecordStream extends Dialect {
  readonly path: string
  readonly translate: (body: Buffer, nowMs: number, secret: Uint8Array) => Translation
}

/** Of webhooks of kube-apiserver: its kubeconfig can carry a token, and no parameter of the URL. */
const kubernetes: RecordStream = {
  name: 'kubernetes',
  path: '/kubernetes/audit',
  translate: translateKubernetes,
  /** A `Status`, whose message kube-apiserver writes down. */
  describeRefusal: ({ code, message, errors = [] }, status) => ({
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: status },
    details: {
      causes: [
        { reason: code },
        ...errors.map(({ pointer, detail }) => ({ field: pointer, message: detail })),
      ],
    },
  }),
}

const streams: readonly RecordStream[] = [
  kubernetes,
  { name: 'cloudtrail', path: '/cloudtrail', translate: translateCloudTrail },
  { name: 'github', path: '/github/audit', translate: translateGitHub },
]

const gzipMagic = Buffer.from([0x1f, 0x8b])

/** Delivery files are gzip, and whoever passes one on may not say so. No JSON begins like it. */
const nameGzip: preHandlerHookHandler = ({ headers, body }, _, done) => {
  if (Buffer.isBuffer(body) && body.subarray(0, 2).equals(gzipMagic)) {
    headers['content-encoding'] ??= 'gzip'
  }
  done()
}

/** Audit records of platforms, as those send them: each batch is kept whole or not at all. */
export function registerRecordStreams(
  app: App,
  parts: DialectParts & {
    /** For the ids of records that have none of their own. */
    readonly eventIdSecret: Uint8Array
  },
): void {
  const { clock, eventIdSecret } = parts
  for (const { path, translate, ...dialect } of streams) {
    openDialect(app, parts, dialect, ({ scope, route, readBody, submit }) => {
      scope.addHook('preHandler', nameGzip)
      scope.post(path, route, async (request, reply) => {
        const translation = await readBody(request, (body) =>
          translate(body, clock(), eventIdSecret),
        )
        const heads = await submit(request, translation, { tenant: readOne(request, 'tenant') })
        return answerHeads(reply, heads, 'batch')
      })
    })
  }
}
