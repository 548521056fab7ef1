import { hasChromium, startBrowser, startTestServer } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { WorkOS } from 'workos-11'
import { buildConsole } from './console/open-console.ts'
import { openViewer } from './embed/open-viewer.ts'

test.skipIf(!hasChromium())(
  'the portal’s link opens on the events of its organization, and of no other',
  async () => {
    buildConsole()
    await using server = await startTestServer()
    const { key } = (
      await server.post('/v1/keys', {
        ...{ name: 'app', scopes: ['append', 'read'], tenants: ['org_1', 'org_2'] },
      })
    ).json
    const { hostname: apiHostname, port } = new URL(server.url)
    const workos = new WorkOS(key, { apiHostname, port: Number(port), https: false })
    for (const org of ['org_1', 'org_1', 'org_2']) {
      await workos.auditLogs.createEvent(org, {
        action: `${org}.user.signed_in`,
        occurredAt: new Date(),
        actor: { type: 'user', id: 'user_1', name: 'Jon' },
        targets: [{ type: 'team', id: 'team_1' }],
        context: { location: '203.0.113.7' },
      })
    }
    const { link } = await workos.adminPortal.generateLink({
      ...{ intent: 'audit_logs', organization: 'org_1' },
    })
    await using browser = await startBrowser()
    await using viewer = await openViewer({ browser, url: link })
    await expect.poll(() => viewer.rows.count()).toBe(2)
    expect(await viewer.rows.first().textContent()).toContain('org_1.user.signed_in')
    expect(viewer.mishaps).toEqual([])
  },
)
