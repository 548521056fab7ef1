import { type Static, Type } from 'typebox'
import * as limits from './limits.ts'
import { orNull } from './or-null.ts'

/** What is done with what a rule of redaction finds. */
export const RedactionAction = Type.Union(
  [Type.Literal('mask'), Type.Literal('hash'), Type.Literal('drop')],
  { description: '`mask` and `hash` leave a mark in its place, `drop` nothing.' },
)

export const RedactionRuleName = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,40}$',
  description: 'As marks show it: `[redacted:<name>]`.',
})

/** What a rule looks for, and what it does with it: everything but its name. */
const described = {
  key: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: "A member's name, without regard to case and punctuation; `*` is any run.",
    }),
  ),
  pattern: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: limits.redactionPatternCharsMax,
      description: 'Text to find in any string, with the wildcards `#`, `?` and `*`.',
    }),
  ),
  paths: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 500 }), {
      minItems: 1,
      maxItems: limits.redactionPathsMax,
      description: 'Dotted; `*` is one whole step: `data.*.ssn`.',
    }),
  ),
  action: RedactionAction,
}

export const RedactionRule = Type.Object(
  { name: RedactionRuleName, ...described },
  { additionalProperties: false },
)
/** A rule of one's own: one language for the file, the API and the console. */
export type RedactionRule = Static<typeof RedactionRule>

export const RedactionRuleRequest = Type.Object(described, { additionalProperties: false })
export type RedactionRuleRequest = Static<typeof RedactionRuleRequest>

const RuleOrigin = Type.Union(
  [Type.Literal('console'), Type.Literal('file'), Type.Literal('built-in')],
  { description: '`console`: made by this API.' },
)

export const RedactionRuleInfo = Type.Object({
  ...RedactionRule.properties,
  origin: RuleOrigin,
  description: Type.Optional(
    Type.String({ description: 'What a built-in rule looks for, in words.' }),
  ),
  state: Type.Union([Type.Literal('on'), Type.Literal('off'), Type.Literal('overruled')], {
    description: '`overruled`: the file has a rule of the same name, which holds instead.',
  }),
  switchedOffBy: Type.Optional(
    Type.Union([Type.Literal('file'), Type.Literal('console')], {
      description: 'Of a built-in rule that is off: what the file switches off, it alone decides.',
    }),
  ),
  changed: orNull(Type.String(), 'RFC 3339.'),
  changedBy: orNull(Type.String(), '`user:ada`, `key:…`'),
})
/** A rule as administrators see it. */
export type RedactionRuleInfo = Static<typeof RedactionRuleInfo>
