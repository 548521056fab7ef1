/**
 * Text that strangers wrote, as it can be shown: control, invisible and bidirectional characters
 * become visible escapes, so that nothing reads as what it is not. Joiners stay: emoji need them.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be seen
const hidden = /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

export const visibleText = (text: string): string =>
  text.replaceAll(hidden, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
