import type { SettingReader } from './setting-reader.ts'

/** A name, an address, or `*.` before a name; nothing that could end a header or a policy's list. */
const origin = /^(https?):\/\/(?:\*\.)?[a-z0-9[](?:[a-z0-9.:\]-]*[a-z0-9\]])?$/

/** Origins with commas between, as a browser writes them: `https://app.example.com`. */
export function readEmbedOrigins({ text, check }: SettingReader): readonly string[] {
  const name = 'INDELIBLE_EMBED_ORIGINS'
  const origins = (text(name) ?? '')
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== '')
  const expectation =
    'origins such as https://app.example.com or https://*.example.com, with commas between; ' +
    'neither a path nor a slash at the end'
  check(name, origins.every(isOrigin), expectation)
  return origins
}

function isOrigin(text: string): boolean {
  // The star stands for names only; in the place of one it leaves an origin like any other.
  const name = text.replace('://*.', '://any.')
  return origin.test(text) && URL.parse(name)?.origin === name
}
