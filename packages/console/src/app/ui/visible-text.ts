/** Control characters, invisible ones, and those that turn the direction of what follows. */
const hidden = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/gu

/**
 * Text that strangers wrote, as it can be shown: what is hidden in it becomes visible escapes, so
 * that nothing reads as what it is not. Joiners stay: emoji and scripts need them.
 */
export const visibleText = (text: string): string =>
  text.replaceAll(hidden, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`)
