/**
 * Characters that make a terminal do something, or make text look like what it isn't: C0, DEL and
 * C1 controls (ANSI, OSC 8, OSC 52), line separators, bidirectional and zero-width controls, tags,
 * and lone surrogates. Event data is written by strangers; none of it may reach a terminal raw.
 */
const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const escapeUnits = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')

/** Text for a terminal, on one line: what would act on the terminal is shown as an escape. */
export const visible = (text: string): string =>
  text.replace(unsafe, (character) => named[character] ?? escapeUnits(character))

/** The same for text of several lines whose line ends are ours, such as a streamed export. */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n')

/** JSON on one line; the same characters become JSON escapes, so the value stays the same. */
export const visibleJson = (value: unknown): string =>
  JSON.stringify(value).replace(unsafe, escapeUnits)
