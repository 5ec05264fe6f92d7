import { useEffect, useRef } from 'react'
import { type NavigateOptions, useNavigate } from 'react-router'

/** Goes to a page when something is done, unless the person has left this one meanwhile. */
export function useNavigateFromHere(): (to: string, options?: NavigateOptions) => void {
  const navigate = useNavigate()
  const isHere = useRef(false)
  useEffect(() => {
    isHere.current = true
    return () => {
      isHere.current = false
    }
  }, [])
  return (to, options) => {
    if (isHere.current) void navigate(to, options)
  }
}
