import type { ProblemCode } from '@indelible/protocol'
import { Problem } from '@indelible/protocol/schema'
import { describeCodes, groupByStatus } from './documented.ts'
import { type Operation, operations, parameterExamples } from './operations.ts'

/** The parts of an OpenAPI document that are looked at here. */
interface Media {
  schema?: object
  example?: unknown
}
interface Answer {
  description?: string
  content?: Record<string, Media & { schema?: { 'x-problem-codes'?: readonly ProblemCode[] } }>
}
interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema?: object
  readonly style?: string
  readonly explode?: boolean
  readonly example?: unknown
}
interface DocumentedOperation {
  operationId?: string
  parameters?: Parameter[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, Answer>
  /** Any field of an event is a parameter, too. */
  'x-field-parameters'?: boolean
}
interface OpenApi {
  paths?: Record<string, Record<string, DocumentedOperation>>
  components?: { schemas?: Record<string, object> }
}

const tilePathParameter: Parameter = {
  name: 'path',
  in: 'path',
  required: true,
  description: '`<L>/<N>[.p/<W>]` or `entries/<N>[.p/<W>]`, with its slashes.',
  schema: { type: 'string' },
  example: '0/000.p/42',
}
const fieldParameters: Parameter = {
  name: 'fields',
  in: 'query',
  description:
    'Any field path is a parameter of its own: `action=customer.*`, `actor.id=u_1`. A repeated ' +
    'one is OR; a `*` at the end makes a prefix.',
  schema: { type: 'object', additionalProperties: { type: 'string' } },
  style: 'form',
  explode: true,
  example: { action: 'customer.*' },
}

/** What the generator can't know: names, examples, media types, problems, and open parameters. */
export function completeOpenApi<Document extends OpenApi>(document: Document): Document {
  const paths: NonNullable<OpenApi['paths']> = {}
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(methods)) {
      const route = path.replaceAll(/\{([^}*]+)\}/g, ':$1').replace('{*}', '*')
      const known = operations[`${method.toUpperCase()} ${route}`]
      addProblems(operation, listProblems(method, path))
      if (known !== undefined) completeOperation(operation, known, path)
    }
    paths[path.replace('{*}', '{path}')] = methods
  }
  const schemas = { ...document.components?.schemas, Problem }
  return { ...document, paths, components: { ...document.components, schemas } }
}

/** What the application itself refuses, before a route has its say. */
function listProblems(method: string, path: string): readonly ProblemCode[] {
  const ofQuery: readonly ProblemCode[] = path.startsWith('/v1/') ? ['query-invalid'] : []
  if (method === 'get') return ofQuery
  // A body is read, and read strictly, of routes that take none, too.
  const ofBody = ['json-malformed', 'body-too-large', 'media-type-unsupported'] as const
  // Of a body that is nothing but events, no request can be invalid.
  return [...ofQuery, ...ofBody, ...(path === '/v1/events' ? [] : ['request-invalid' as const])]
}

function addProblems({ responses }: DocumentedOperation, codes: readonly ProblemCode[]): void {
  for (const [status, added] of groupByStatus(codes)) {
    const known =
      responses[status]?.content?.['application/json']?.schema?.['x-problem-codes'] ?? []
    const all = [...new Set([...known, ...added])]
    responses[status] = {
      description: describeCodes(all),
      content: { 'application/json': { schema: { 'x-problem-codes': all } } },
    }
  }
}

function completeOperation(operation: DocumentedOperation, known: Operation, path: string): void {
  operation.operationId = known.operationId
  const { 'x-field-parameters': isOpen, parameters = [] } = operation
  delete operation['x-field-parameters']
  const completed = parameters.map((parameter) => ({
    ...parameter,
    ...giveExample(parameter),
    schema: { ...parameter.schema, type: 'string' },
  }))
  if (path.includes('{*}')) completed.push({ ...tilePathParameter, schema: { type: 'string' } })
  operation.parameters = isOpen === true ? [...completed, fieldParameters] : completed
  if (operation.requestBody !== undefined) {
    operation.requestBody.content = completeBody(operation.requestBody.content, known)
  }
  for (const [status, answer] of Object.entries(operation.responses)) {
    completeAnswer(answer, known, Number(status))
  }
}

/** Of an optional one none: pages of an API would send it unasked. */
function giveExample({ name, required }: Parameter): { example?: string } {
  const example = required === true ? parameterExamples[name] : undefined
  return example === undefined ? {} : { example }
}

function completeBody(content: Record<string, Media>, { request }: Operation) {
  const media = Object.entries(content).map(([type, described]): [string, Media] =>
    type === 'application/x-ndjson'
      ? [type, { schema: { type: 'string' }, example: `${JSON.stringify(request)}\n` }]
      : [type, { ...described, example: request }],
  )
  return Object.fromEntries(media)
}

function completeAnswer(answer: Answer, known: Operation, status: number): void {
  const json = answer.content?.['application/json']
  if (json === undefined) return
  const codes = json.schema?.['x-problem-codes']
  if (codes !== undefined) {
    const schema = { $ref: '#/components/schemas/Problem', 'x-problem-codes': codes }
    answer.content = { 'application/problem+json': { schema } }
  } else if (status < 300) {
    const { media = 'application/json', answer: example } = known
    answer.content = { [media]: { ...json, example } }
  }
}
