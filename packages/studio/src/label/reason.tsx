import { useState } from 'react'

/** As long as the server takes it. */
export const longestComment = 5000

/** Why somebody answers as they do, if they like to say. It stays open when its text is deleted: the focus is in it. */
export function Reason({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [open] = useState(value !== '')
  return (
    <details className="reason" open={open}>
      <summary>Say why (optional)</summary>
      <textarea
        aria-label="Why"
        rows={2}
        maxLength={longestComment}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </details>
  )
}
