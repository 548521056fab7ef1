/** As a member's name; two the service refuses, whoever sends them. */
const nameOf = (payload: string) =>
  ['__proto__', 'constructor'].includes(payload) ? `${payload} ` : payload

/** An event that says the same hostile thing wherever a caller may say anything. */
export const hostileEvent = (payload: string, n: number) => ({
  id: `xss-${n}`,
  action: payload.slice(0, 200),
  actor: { type: payload, id: payload, name: payload, [nameOf(payload)]: payload },
  targets: [{ type: payload, id: payload, name: payload, [nameOf(payload)]: payload }],
  source: payload.slice(0, 200),
  context: {
    ip: payload,
    agent: payload,
    path: payload,
    session: payload,
    [nameOf(payload)]: payload,
  },
  changes: {
    before: { same: payload, [nameOf(payload)]: payload },
    after: { same: `${payload}!`, [nameOf(payload)]: [payload], added: payload },
  },
  data: { n, list: [payload, { [nameOf(payload)]: payload }], [nameOf(payload)]: payload },
})
