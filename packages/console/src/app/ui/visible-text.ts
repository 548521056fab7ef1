/** Joiners mean nothing beside these, and hide: `ad`, a joiner and `min` would read as `admin`. */
const unjoined =
  '\\p{ASCII}\\p{Cc}\\p{Cf}\\p{sc=Latin}\\p{sc=Greek}\\p{sc=Cyrillic}\\p{sc=Han}\\p{sc=Hangul}' +
  '\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Inherited}'

/** Emoji, and scripts that need joiners, as people write them. */
const meant = [
  '[\\n\\t]',
  `(?<=\\ufe0f|[^${unjoined}])[\\u200c\\u200d](?=[^${unjoined}])`,
  '(?<=\\p{Extended_Pictographic})[\\ufe0e\\ufe0f]',
  '(?<=[0-9#*])\\ufe0f(?=\\u20e3)',
].join('|')

/** Control characters, invisible ones, and those that turn the direction of what follows. */
const hidden = new RegExp(
  `(?!${meant})[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Default_Ignorable_Code_Point}\\u2028\\u2029\\u2800]`,
  'gu',
)

/**
 * Text that strangers wrote, as it can be shown: what is hidden in it becomes visible escapes, so
 * that nothing reads as what it is not.
 */
export const visibleText = (text: string): string =>
  text.replaceAll(hidden, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`)
