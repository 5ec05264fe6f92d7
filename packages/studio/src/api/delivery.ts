import { useRef } from 'react'

/** Gives a thing that is sent its idempotency key: the same while the same is sent again, another for anything else. */
export function useDelivery(): (content: unknown) => string {
  const last = useRef({ content: '', key: '' })
  return (content) => {
    const text = JSON.stringify(content)
    if (last.current.content !== text) last.current = { content: text, key: crypto.randomUUID() }
    return last.current.key
  }
}
