import { type ComponentProps, type ReactNode, useId } from 'react'
import { Icon } from '../ui/icon.tsx'
import { useFault } from './form.tsx'

interface FieldProps {
  /** In the form's values; the JSON pointer of its faults is `/` and this. */
  readonly name: string
  readonly label: string
  readonly hint?: ReactNode
}

/** Label, hint and fault around one control, tied to it for those who hear them. */
function useField({ name, hint }: FieldProps) {
  const id = useId()
  const fault = useFault(`/${name}`)
  const described = [
    hint === undefined ? undefined : `${id}-hint`,
    fault === undefined ? undefined : `${id}-fault`,
  ].filter((one) => one !== undefined)
  return {
    id,
    fault,
    control: {
      ...{ id, name, 'aria-invalid': fault !== undefined },
      ...(described.length === 0 ? {} : { 'aria-describedby': described.join(' ') }),
    },
  }
}

const Below = (props: {
  readonly id: string
  readonly hint?: ReactNode
  readonly fault: string | undefined
}) => (
  <>
    {props.hint === undefined ? null : (
      <div className="field-hint" id={`${props.id}-hint`}>
        {props.hint}
      </div>
    )}
    {props.fault === undefined ? null : (
      <div className="field-fault" id={`${props.id}-fault`}>
        {props.fault}
      </div>
    )}
  </>
)

/** One line of text, a number, a date or a password: whatever `input` has. */
export function TextField(
  props: FieldProps & Omit<ComponentProps<'input'>, keyof FieldProps | 'id' | 'className'>,
) {
  const { name, label, hint, ...input } = props
  const { id, fault, control } = useField(props)
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      <input autoComplete="off" {...input} {...control} />
      <Below id={id} hint={hint} fault={fault} />
    </div>
  )
}

/** Text of several lines. */
export function TextArea(
  props: FieldProps & Omit<ComponentProps<'textarea'>, keyof FieldProps | 'id' | 'className'>,
) {
  const { name, label, hint, ...area } = props
  const { id, fault, control } = useField(props)
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      <textarea spellCheck={false} {...area} {...control} />
      <Below id={id} hint={hint} fault={fault} />
    </div>
  )
}

export interface Option {
  readonly value: string
  readonly label: string
  readonly note?: string | undefined
}

/** One of a few. The browser's own, which a phone shows in its own way. */
export function SelectField(
  props: FieldProps & {
    readonly options: readonly Option[]
  } & Omit<ComponentProps<'select'>, keyof FieldProps | 'id' | 'className' | 'children'>,
) {
  const { name, label, hint, options, ...select } = props
  const { id, fault, control } = useField(props)
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      <span className="form-select">
        <select {...select} {...control}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
      <Below id={id} hint={hint} fault={fault} />
    </div>
  )
}

/** Any number of a few; `FormData.getAll` has the chosen ones. */
export function CheckboxGroup(
  props: FieldProps & {
    readonly options: readonly Option[]
    readonly defaultValues?: readonly string[]
  },
) {
  const { name, label, hint, options, defaultValues = [] } = props
  const { id, fault, control } = useField(props)
  return (
    <fieldset className="form-field" aria-describedby={control['aria-describedby']}>
      <legend>{label}</legend>
      {options.map(({ value, label: text, note }) => (
        <label key={value} className="form-choice">
          <input
            type="checkbox"
            name={name}
            value={value}
            defaultChecked={defaultValues.includes(value)}
            aria-invalid={fault !== undefined}
          />
          <span>
            {text}
            {note === undefined ? null : <span className="field-hint"> {note}</span>}
          </span>
        </label>
      ))}
      <Below id={id} hint={hint} fault={fault} />
    </fieldset>
  )
}
