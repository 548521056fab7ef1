/** What of an OpenAPI document a collection is made of. */
export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly description?: string }
  readonly tags?: readonly { readonly name: string; readonly description?: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}
interface Operation {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly security?: readonly object[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly example?: unknown }>>
  }
}
interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly example?: unknown
}

/**
 * The API as a Postman collection, format 2.1.0: a folder for each tag, a request for each operation
 * with its example. `baseUrl` and `key` are variables: nothing secret is in it.
 * @see https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
 */
export function formatCollection({ info, tags = [], paths }: OpenApiDocument, baseUrl: string) {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  return {
    info: {
      name: info.title,
      description: info.description ?? '',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{key}}', type: 'string' }] },
    variable: [
      { key: 'baseUrl', value: baseUrl, type: 'string' },
      { key: 'key', value: '', type: 'string' },
    ],
    item: tags.map(({ name, description = '' }) => ({
      name,
      description,
      item: operations.filter(({ operation }) => operation.tags?.includes(name)).map(formatRequest),
    })),
  }
}

function formatRequest(of: {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}) {
  const { path, method, operation } = of
  const { summary, description = '', security, parameters = [] } = operation
  // The first media type is JSON wherever there are several.
  const [body] = Object.entries(operation.requestBody?.content ?? {})
  return {
    name: summary ?? path,
    request: {
      method: method.toUpperCase(),
      description,
      ...(security?.length === 0 ? { auth: { type: 'noauth' } } : {}),
      header: body === undefined ? [] : [{ key: 'Content-Type', value: body[0] }],
      url: formatUrl(path, parameters),
      ...(body === undefined ? {} : { body: formatBody(body[1].example) }),
    },
    response: [],
  }
}

const formatBody = (example: unknown) => ({
  mode: 'raw',
  raw: JSON.stringify(example, null, 2),
  options: { raw: { language: 'json' } },
})

/** `{id}` is `:id`, filled in below; a parameter that may be left out is there, switched off. */
function formatUrl(path: string, parameters: readonly Parameter[]) {
  const segments = path
    .slice(1)
    .split('/')
    .map((segment) => segment.replace(/^\{(.+)\}$/, ':$1'))
  const inPath = parameters.filter((parameter) => parameter.in === 'path')
  const query = parameters.filter((parameter) => parameter.in === 'query').flatMap(formatParameter)
  const asked = query.filter(({ disabled }) => !disabled).map(({ key, value }) => `${key}=${value}`)
  return {
    raw: `{{baseUrl}}/${segments.join('/')}${asked.length === 0 ? '' : `?${asked.join('&')}`}`,
    host: ['{{baseUrl}}'],
    path: segments,
    query,
    variable: inPath.map(({ name, description = '', example = '' }) => ({
      ...{ key: name, value: String(example), description },
    })),
  }
}

/** Open parameters, whose example is an object, are one for each of its members. */
function formatParameter({ name, required, description = '', example = '' }: Parameter) {
  const disabled = required !== true
  if (typeof example !== 'object' || example === null) {
    return [{ key: name, value: String(example), description, disabled }]
  }
  return Object.entries(example).map(([key, value]) => ({
    ...{ key, value: String(value), description, disabled },
  }))
}
