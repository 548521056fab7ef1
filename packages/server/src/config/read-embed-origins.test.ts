import { expect, test } from 'vitest'
import { readConfig } from './read-config.ts'

const read = (text: string) => readConfig({ INDELIBLE_EMBED_ORIGINS: text }).embedOrigins

test('origins are taken as a browser writes them, in any case, with spaces between', () => {
  expect(readConfig({}).embedOrigins).toEqual([])
  expect(read(' https://App.example.com , http://localhost:3000,')).toEqual([
    'https://app.example.com',
    'http://localhost:3000',
  ])
  expect(read('https://*.example.com')).toEqual(['https://*.example.com'])
  expect(read('http://[::1]:8080,http://127.0.0.1:1')).toHaveLength(2)
})

test.each([
  ...['*', 'https://*', 'https:', 'example.com', 'https://example.com/', 'https://example.com/app'],
  ...['https://*.*.example.com', 'https://a.*.example.com', 'https://example.com:443', 'null'],
  ...["'self'", 'https://example.com;script-src *', "https://example.com 'unsafe-inline'"],
  ...[
    'https://user@example.com',
    'https://example.com?x',
    'ftp://example.com',
    'data:',
    'https://*.',
  ],
  'https://example.com\r\nset-cookie: a=b',
])('%s is none', (text) => {
  const refusal = '- INDELIBLE_EMBED_ORIGINS: origins such as'
  expect(() => read(text)).toThrow(refusal)
  expect(() => read(`https://fine.example,${text}`)).toThrow(refusal)
})
