import { randomUUID } from 'node:crypto'

/** Requests made of the OpenAPI document, so that no route is forgotten. */
export interface Operation {
  readonly operationId: string
  readonly method: string
  readonly path: string
  /** Parameters of the query that can't be left out, with their examples. */
  readonly query: Readonly<Record<string, string>>
  /** The example of the body. */
  readonly body: object | undefined
  readonly takesTenant: boolean
  /** It names a tenant, or something that is of one. */
  readonly isOfTenant: boolean
}

/** What stands in the places of the document's examples. */
export interface Named {
  readonly tenant: string
  readonly event: string
  readonly key: string
  readonly username: string
}

export interface Request {
  readonly method: string
  readonly path: string
  readonly body: string | undefined
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>
}
interface Documented {
  readonly operationId: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly example?: string
  }[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly example?: object }>>
  }
}

export function listOperations({ paths }: OpenApi): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters = [], requestBody }]) => {
      const inQuery = parameters.filter((parameter) => parameter.in === 'query')
      const takesTenant = inQuery.some(({ name }) => name === 'tenant')
      const body = requestBody?.content['application/json']?.example
      const ofTenant = /\{(?:tenant|id|username)\}/.test(path) || takesTenant
      return {
        ...{ operationId, path, method: method.toUpperCase(), body, takesTenant },
        query: Object.fromEntries(
          inQuery.flatMap(({ name, required, example = '' }) =>
            required === true ? [[name, example]] : [],
          ),
        ),
        isOfTenant: ofTenant || operationId === 'appendEvents' || namesTenant(body),
      }
    }),
  )
}

const namesTenant = (body: object = {}) => 'tenant' in body || 'tenants' in body

/** One request of an operation about what is named; events and users that it makes are new ones. */
export function requestOf(operation: Operation, named: Named): Request {
  const { operationId, method, path, query, takesTenant, body } = operation
  const { tenant } = named
  const id = path.startsWith('/v1/keys/') ? named.key : named.event
  const places: Record<string, string> = {
    ...{ tenant, id, username: named.username, action: 'a.b', path: '0/000.p/1' },
    name: path.includes('/built-in/') ? 'card' : 'case-number',
  }
  const parameters = new URLSearchParams({ ...query, ...(takesTenant ? { tenant } : {}) })
  const place = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => places[name] ?? name)
  return {
    method,
    path: parameters.size === 0 ? place : `${place}?${parameters}`,
    body: body === undefined ? undefined : JSON.stringify(fill(body, operationId, tenant)),
  }
}

function fill(body: object, operationId: string, tenant: string): object {
  const isEvent = operationId === 'appendEvents'
  return {
    ...body,
    ...('tenants' in body ? { tenants: [tenant] } : {}),
    ...('tenant' in body || isEvent ? { tenant } : {}),
    ...(isEvent ? { id: randomUUID() } : {}),
    ...('username' in body ? { username: `u-${randomUUID()}` } : {}),
  }
}
