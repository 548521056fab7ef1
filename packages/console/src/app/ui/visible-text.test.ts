import { expect, test } from 'vitest'
import { visibleText } from './visible-text.ts'

test('nothing hidden in a text stays hidden, and what people write stays as it is', () => {
  expect(visibleText('admin\u202enimda')).toBe('admin\\u{202e}nimda')
  expect(visibleText('a\u0000b\u001bc\u200bd\u2066e\ufefff')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(visibleText('tag \u{e0041}')).toBe('tag \\u{e0041}')
  const ours = 'Zoë 👩‍💻\n\tمرحبا'
  expect(visibleText(ours)).toBe(ours)
})
