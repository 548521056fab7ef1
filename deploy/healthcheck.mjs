// Exits 0 if the service in this container answers /healthz, by whatever it speaks: the image has no
// shell and no curl. Its certificate is that of another name than this address; who answers is plain.
import { get as getPlain } from 'node:http'
import { get as getByTls } from 'node:https'

const port = process.env.INDELIBLE_PORT || '4680'
const [get, scheme] = process.env.INDELIBLE_TLS_CERT_FILE ? [getByTls, 'https'] : [getPlain, 'http']
const request = get(
  `${scheme}://127.0.0.1:${port}/healthz`,
  { timeout: 2_000, rejectUnauthorized: false },
  ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1),
)
request.on('timeout', () => request.destroy(new Error('no answer in time')))
request.on('error', ({ message }) => {
  console.error(message)
  process.exit(1)
})
