import { useMutation } from '@tanstack/react-query'
import { faultsWithin } from '../../api/problem.ts'
import { checkSchema } from '../../api/schemas.ts'
import { JsonField } from '../../forms/json-field.tsx'
import { readJson } from '../../forms/json-text.ts'
import { formatCount } from '../../ui/figures.ts'

/** Tries an event on what is typed: the service answers, and keeps nothing. */
export function SchemaTrial(props: {
  readonly tenant: string
  readonly action: string
  readonly schemaText: string
  readonly text: string
  readonly onChange: (text: string) => void
}) {
  const { tenant, action, schemaText, text, onChange } = props
  const [event, schema] = [readJson(text), readJson(schemaText)]
  const check = useMutation({
    mutationFn: (_: { readonly schemaText: string; readonly text: string }) =>
      checkSchema(tenant, action || 'any', { event: event.value, schema: schema.value }),
    // It may hold secrets: not longer in memory than on the page.
    gcTime: 0,
  })
  const isReady = event.fault === undefined && schema.fault === undefined
  // What was found holds for what was tried.
  const isCurrent = check.variables?.schemaText === schemaText && check.variables.text === text
  const answer = isCurrent ? check.data : undefined
  return (
    <details className="schema-trial">
      <summary>Try it on an event</summary>
      <JsonField
        label="Event"
        rows={8}
        text={text}
        faults={answer?.errors ?? []}
        hint="As a program would submit it. It is checked and forgotten."
        onChange={onChange}
      />
      <div className="form-actions">
        <button
          type="button"
          className="button"
          disabled={!isReady || check.isPending}
          onClick={() => check.mutate({ schemaText, text })}
        >
          Try
        </button>
        <Verdict data={answer} error={isCurrent ? check.error : null} />
      </div>
    </details>
  )
}

function Verdict(props: {
  readonly data: { readonly valid: boolean; readonly errors: readonly unknown[] } | undefined
  readonly error: Error | null
}) {
  const { data, error } = props
  const ofSchema = faultsWithin(error, '/schema').length > 0
  return (
    <p role="status" className={`schema-verdict ${data?.valid === true ? 'good' : 'bad'}`}>
      {data === undefined
        ? ofSchema
          ? 'The schema itself is faulty: set it to see where.'
          : error?.message
        : data.valid
          ? 'This event would be taken.'
          : `This event would be refused: ${formatCount(data.errors.length, 'fault')}.`}
    </p>
  )
}
