import { expect, test } from 'vitest'
import { visibleText } from './visible-text.ts'

test('nothing hidden in a text stays hidden, and what people write stays as it is', () => {
  expect(visibleText('admin\u202enimda')).toBe('admin\\u{202e}nimda')
  expect(visibleText('a\u0000b\u001bc\u200bd\u2066e\ufefff')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(visibleText('tag \u{e0041}')).toBe('tag \\u{e0041}')
  const ours =
    'Zoë 👩\u200d💻 👩🏽\u200d🚀 🏳️\u200d🌈 ❤️ 1\ufe0f\u20e3\n\tمرحبا می\u200cخواهم क्\u200dष'
  expect(visibleText(ours)).toBe(ours)
})

test('no two names read alike by what has no width: joiners, fillers, selectors', () => {
  const hidden = '\u200c\u200d\u034f\u115f\u3164\uffa0\ufe0f\u{e0100}\u2800\u17b4\ud800'
  for (const one of hidden) {
    const code = one.codePointAt(0)?.toString(16)
    for (const [before, after] of [
      ...[['ad', 'min'] as const, ['admin', ''] as const, ['', 'admin'] as const],
      ...[['管', '理'] as const, ['adm', '\u200dn'] as const, ['مدیر', ''] as const],
    ]) {
      expect(visibleText(`${before}${one}${after}`)).toContain(`${before}\\u{${code}}`)
    }
  }
})
