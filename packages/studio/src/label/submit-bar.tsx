import type { ReactNode } from 'react'
import { Button } from '../design/button.tsx'
import { useKey, useKeyboard } from '../keyboard/keyboard.tsx'

/** The bar at the bottom with the button that hands in; it says what is missing while something is. */
export function SubmitBar({
  missing,
  submit,
  children,
}: {
  missing?: string | false
  submit: () => void
  children?: ReactNode
}) {
  const { keyOf } = useKeyboard()
  useKey('label.submit', submit, !missing)
  return (
    <div className="decide one-row">
      <div className="row">{children}</div>
      <div className="row">
        {missing && <span className="muted small">{missing}</span>}
        <Button kind="primary" hint={keyOf('label.submit')} disabled={Boolean(missing)} onClick={submit}>
          Submit
        </Button>
      </div>
    </div>
  )
}
