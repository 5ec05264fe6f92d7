import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'

/** A part that scrolls when it has no room; only then it is a stop for Tab, so that the arrows can move it. */
export function Scroll({
  label,
  className = '',
  children,
}: {
  label: string
  className?: string
  children: ReactNode
}) {
  const ref = useRef<HTMLElement>(null)
  return (
    <section ref={ref} className={`scroll ${className}`} aria-label={label} {...useScrollStop(ref)}>
      {children}
    </section>
  )
}

/** The tab stop of an element while it holds more than it shows. */
export function useScrollStop(ref: RefObject<HTMLElement | null>): { tabIndex?: 0 } {
  const [scrolls, setScrolls] = useState(false)
  useEffect(() => {
    const element = ref.current
    if (!element || typeof ResizeObserver === 'undefined') return
    const measure = () =>
      setScrolls(
        element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1,
      )
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    for (const child of element.children) observer.observe(child)
    return () => observer.disconnect()
  }, [ref])
  return scrolls ? { tabIndex: 0 } : {}
}
