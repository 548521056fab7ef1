import { Router } from 'express'
import { readJson } from '../http/read-json.ts'
import { type Profile, parseProfileFields } from '../profiles/profile.ts'
import type { ExpectedVersions, ProfileService } from '../profiles/profile-service.ts'
import { formatCursor, parseIfMatch, parseListQuery, parseUserId } from './users-input.ts'

/** `/users`: reads what is asked, has it done, answers. */
export function createUserRoutes(profiles: ProfileService): Router {
  const router = Router()

  router.post('/users', readJson, async (request, response) => {
    const created = await profiles.create(parseProfileFields(request.body))
    response.status(201).location(`/users/${created.id}`).set('ETag', tagOf(created)).json(created)
  })

  router.get('/users', async (request, response) => {
    const { after, limit } = parseListQuery(request.query)
    // One more than asked for tells whether there is a next page.
    const found = await profiles.list({ after, limit: limit + 1 })
    const users = found.slice(0, limit)
    const last = users.at(-1)
    const next = found.length > limit && last !== undefined ? formatCursor(last.id) : null
    response.json({ users, next })
  })

  router.get('/users/:id', async (request, response) => {
    const profile = await profiles.read(parseUserId(request.params.id))
    response.set('ETag', tagOf(profile)).json(profile)
  })

  router.put('/users/:id', readJson, async (request, response) => {
    const id = parseUserId(request.params.id)
    const fields = parseProfileFields(request.body)
    const updated = await profiles.update(id, fields, expectedBy(request.get('if-match')))
    response.set('ETag', tagOf(updated)).json(updated)
  })

  router.delete('/users/:id', async (request, response) => {
    await profiles.remove(parseUserId(request.params.id), expectedBy(request.get('if-match')))
    response.status(204).end()
  })

  return router
}

const tagOf = ({ version }: Profile): string => `"${version}"`

const expectedBy = (header: string | undefined): ExpectedVersions | undefined =>
  header === undefined ? undefined : parseIfMatch(header)
