/** What somebody who has just started it wants to know. */
export function describeStart(options: {
  readonly url: string
  readonly admin: string
  /** Where it was made just now: nobody is shown it again. */
  readonly adminPassword: string | undefined
}): string[] {
  const { url, admin, adminPassword } = options
  const json = `-H 'Content-Type: application/json'`
  const bearer = `-H "Authorization: Bearer $TOKEN"`
  const logIn = JSON.stringify({ username: admin, password: adminPassword ?? 'YOUR PASSWORD' })
  return [
    `Items API   ${url}, described at ${url}/docs`,
    '',
    'Log in, make an item, and see who did what:',
    `  TOKEN=$(curl -s ${url}/login ${json} -d '${logIn}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')`,
    `  curl -w '\\n' ${url}/items/ ${bearer} ${json} -d '{"name":"Lamp","price":24.5}'`,
    `  curl -w '\\n' ${url}/audit ${bearer}`,
  ]
}
