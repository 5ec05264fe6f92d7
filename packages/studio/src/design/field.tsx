import { type ReactNode, useId } from 'react'

/** A labelled control: the render function gets the ids that tie label, hint and error to it. */
export function Field({
  label,
  hint,
  error,
  children,
}: {
  label: string
  hint?: ReactNode
  error?: string
  children: (control: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true }) => ReactNode
}) {
  const id = useId()
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        ...(described && { 'aria-describedby': described }),
        ...(error && { 'aria-invalid': true as const }),
      })}
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p className="error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  )
}

/** A labelled number. */
export function NumberField({
  label,
  hint,
  onChange,
  ...range
}: {
  label: string
  hint?: ReactNode
  min: number
  max: number
  step?: number
  value: number
  onChange: (value: number) => void
}) {
  return (
    <Field label={label} hint={hint}>
      {(control) => (
        <input
          {...control}
          {...range}
          type="number"
          onChange={(event) => onChange(Number(event.target.value))}
        />
      )}
    </Field>
  )
}

/** One of a few values, as pills. */
export function Choices<Value extends string>({
  legend,
  options,
  value,
  onChange,
  hideLegend,
}: {
  legend: string
  options: readonly (readonly [Value, string])[]
  value: Value
  onChange: (value: Value) => void
  hideLegend?: boolean
}) {
  const name = useId()
  return (
    <fieldset className="field">
      <legend className={hideLegend ? 'hidden' : undefined}>{legend}</legend>
      <div className="choices">
        {options.map(([option, label]) => (
          <label className="choice" key={option}>
            <input type="radio" name={name} checked={value === option} onChange={() => onChange(option)} />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

/** A yes-or-no setting. */
export function Check({
  label,
  checked,
  onChange,
}: {
  label: ReactNode
  checked: boolean
  onChange: (checked: boolean) => void
}) {
  return (
    <label className="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}</span>
    </label>
  )
}
