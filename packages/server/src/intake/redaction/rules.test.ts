import { describe, expect, it } from 'vitest'
import { createRedactor } from '../redact.ts'
import type { RedactionRules } from './rules.ts'

const redactWith = (rules: RedactionRules) => createRedactor({ rules, hashSecret: 'test' }).redact

describe('configured rules', () => {
  it('remove built-in ones by name', () => {
    const kept = redactWith({ remove: ['card', 'token'] })
    expect(kept({ token: 'x', n: '4111111111111111', password: 'y' })).toEqual({
      token: 'x',
      n: '4111111111111111',
      password: '[redacted:password]',
    })
  })

  it('hash so that equal secrets stay recognisable, and only under one secret', () => {
    const rules: RedactionRules = { add: [{ name: 'key', key: 'accessKeyId', action: 'hash' }] }
    const kept = redactWith(rules)({
      a: { accessKeyId: 'x' },
      b: { accessKeyId: 'x' },
      c: { accessKeyId: 'y' },
    })
    expect(kept.a.accessKeyId).toMatch(/^\[hash:key:[0-9a-f]{16}\]$/)
    expect(kept.a).toEqual(kept.b)
    expect(kept.c).not.toEqual(kept.a)
    const elsewhere = createRedactor({ rules, hashSecret: 'other' })
    expect(elsewhere.redact({ accessKeyId: 'x' })).not.toEqual(kept.a)
    expect(redactWith(rules)(kept)).toEqual(kept)
  })

  it('drop members by name, with `*` for any run', () => {
    const kept = redactWith({ add: [{ name: 'notes', key: 'internal*', action: 'drop' }] })
    expect(kept({ a: 1, internalNote: 'x', b: { internal_id: {} } })).toEqual({ a: 1, b: {} })
  })

  it('find a pattern in a text as short as it is', () => {
    const kept = redactWith({ add: [{ name: 'x', pattern: 'P#', action: 'mask' }] })
    expect(kept({ a: ['P1', 'P', 'p1'] })).toEqual({ a: ['[redacted:x]', 'P', 'p1'] })
  })

  it('take a pattern out of texts and callers’ names, but not of the names of an event', () => {
    const kept = redactWith({ add: [{ name: 'x', pattern: 'or', action: 'mask' }] })
    expect(
      kept({
        actor: { id: 'editor' },
        data: { 'old-color': 'red', 'by-actor': { actor: 'editor', list: [{ before: 'more' }] } },
      }),
    ).toEqual({
      actor: { id: 'edit[redacted:x]' },
      data: {
        'old-col[redacted:x]': 'red',
        'by-act[redacted:x]': {
          actor: 'edit[redacted:x]',
          list: [{ before: 'm[redacted:x]e' }],
        },
      },
    })
  })

  it('make no name of an event, nor one that none may have, of a caller’s name (J-04)', () => {
    const kept = redactWith({ add: [{ name: 'x', pattern: '-##', action: 'drop' }] })
    const sent = '{"id-77":{"a":1},"id":"u","__proto-77__":{"b":2},"constr-77uctor":3}'
    expect(JSON.stringify(kept({ actor: JSON.parse(sent) }))).toBe(
      '{"actor":{"id (redacted)":{"a":1},"id":"u","__proto__ (redacted)":{"b":2},' +
        '"constructor (redacted)":3}}',
    )
  })

  it('reach members by path, through lists', () => {
    const kept = redactWith({
      add: [
        { name: 'ip', paths: ['context.ip'], action: 'mask' },
        { name: 'ssn', paths: ['data.*.ssn', 'targets.*.name', 'targets.mail'], action: 'mask' },
        { name: 'gone', paths: ['data.raw'], action: 'drop' },
      ],
    })
    expect(
      kept({
        context: { ip: '10.0.0.1', agent: 'x' },
        data: { a: { ssn: 1, b: true }, list: [{ ssn: true }], ssn: 2, raw: { x: 1 } },
        targets: [{ id: 't', name: 'N', mail: 'm' }],
        ip: '10.0.0.1',
      }),
    ).toEqual({
      context: { ip: '[redacted:ip]', agent: 'x' },
      data: { a: { ssn: '[redacted:ssn]', b: true }, list: [{ ssn: '[redacted:ssn]' }], ssn: 2 },
      targets: [{ id: 't', name: '[redacted:ssn]', mail: '[redacted:ssn]' }],
      ip: '10.0.0.1',
    })
  })

  it('reach through lists in lists by a path of many steps, at no more than linear cost', () => {
    const path = `data.x${'.*'.repeat(29)}`
    const kept = redactWith({ add: [{ name: 'deep', paths: [path, `${path}.y`], action: 'mask' }] })
    const nest = (value: unknown) => {
      let nested = value
      for (let level = 0; level < 29; level++) nested = [nested]
      return { data: { x: nested } }
    }
    expect(kept(nest('z'))).toEqual(nest('[redacted:deep]'))
    expect(kept(nest({ y: 'z' }))).toEqual(nest({ y: '[redacted:deep]' }))
  })

  it('find patterns anywhere in a text', () => {
    const kept = redactWith({ add: [{ name: 'staff', pattern: 'EMP-####', action: 'mask' }] })
    expect(kept('EMP-1234 met EMP-12')).toBe('[redacted:staff] met EMP-12')
    const starred = redactWith({
      add: [{ name: 'mail', pattern: '?*@corp.example', action: 'drop' }],
    })
    expect(starred('to ann_b@corp.example, you@home.example')).toBe('to , you@home.example')
    const escaped = redactWith({ add: [{ name: 'x', pattern: '\\*(.+)\\#', action: 'mask' }] })
    expect(escaped('a*(.+)#b aaaa1')).toBe('a[redacted:x]b aaaa1')
  })

  it.each<[string, unknown, string]>([
    ['an unknown rule to remove', { remove: ['cards'] }, 'no rule "cards"'],
    [
      'an unknown action',
      { add: [{ name: 'a', key: 'b', action: 'wipe' }] },
      'Redaction rules: /add/0',
    ],
    [
      'an unknown member',
      { add: [{ name: 'a', keys: 'b', action: 'mask' }] },
      'Redaction rules: /add/0',
    ],
    [
      'a name that no marker could show',
      { add: [{ name: 'A B', key: 'b', action: 'mask' }] },
      '/add/0/name',
    ],
    ['a key that takes ids', { add: [{ name: 'a', key: '*id', action: 'mask' }] }, 'would take id'],
    [
      'a key that takes everything',
      { add: [{ name: 'a', key: '*', action: 'mask' }] },
      'every name',
    ],
    [
      'a path into core',
      { add: [{ name: 'a', paths: ['tenant'], action: 'mask' }] },
      'must begin with',
    ],
    [
      'a path that drops the actor’s id',
      { add: [{ name: 'a', paths: ['actor.id'], action: 'drop' }] },
      'needs',
    ],
    [
      'a path that drops targets’ ids',
      { add: [{ name: 'a', paths: ['targets.*.id'], action: 'drop' }] },
      'needs',
    ],
    [
      'a pattern of wildcards only',
      { add: [{ name: 'a', pattern: '####', action: 'mask' }] },
      'needs a literal',
    ],
    [
      'a pattern that begins with *',
      { add: [{ name: 'a', pattern: '*@x', action: 'mask' }] },
      'begin with *',
    ],
    [
      'a pattern with two runs in a row',
      { add: [{ name: 'a', pattern: 'a**.', action: 'mask' }] },
      'behind *',
    ],
    [
      'a run that could end anywhere',
      { add: [{ name: 'a', pattern: 'a*b', action: 'mask' }] },
      'behind *',
    ],
    ['a lone backslash', { add: [{ name: 'a', pattern: 'a\\', action: 'mask' }] }, 'lone \\'],
  ])('%s is refused at start', (_name, rules, message) => {
    // What comes from a file is of no type.
    expect(() => redactWith(rules as RedactionRules)).toThrow(message)
  })
})
