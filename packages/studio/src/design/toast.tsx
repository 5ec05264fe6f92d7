import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react'
import { Button } from './button.tsx'

interface Toast {
  readonly id: number
  readonly text: string
  readonly action?: { readonly label: string; readonly run: () => void; readonly hint?: string }
}

interface Speaker {
  /** Shows a line for a few seconds and has it read out; a later one replaces it. */
  readonly say: (text: string, action?: Toast['action']) => void
  /** Has a line read out without showing it. */
  readonly announce: (text: string) => void
}

const Context = createContext<Speaker>({ say: () => {}, announce: () => {} })

/** Where short messages appear; they never take the focus. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<Toast | null>(null)
  const [spoken, setSpoken] = useState({ id: 0, text: '' })
  const counter = useRef(0)
  const announce = useCallback((text: string) => setSpoken({ id: ++counter.current, text }), [])
  const say = useCallback((text: string, action?: Toast['action']) => {
    const id = ++counter.current
    setToast({ id, text, action })
    setSpoken({ id, text })
    setTimeout(() => setToast((current) => (current?.id === id ? null : current)), action ? 9000 : 5000)
  }, [])
  const speaker = useMemo(() => ({ say, announce }), [say, announce])
  return (
    <Context.Provider value={speaker}>
      {children}
      <p className="hidden" role="status" aria-live="polite">
        {/* the same text again is another node: only a change of the page is read out */}
        <span key={spoken.id}>{spoken.text}</span>
      </p>
      <section className="toasts" aria-label="Messages">
        {toast && (
          <div className="toast" key={toast.id}>
            <span>{toast.text}</span>
            {toast.action && (
              <Button size="small" hint={toast.action.hint} onClick={toast.action.run}>
                {toast.action.label}
              </Button>
            )}
            <Button size="small" aria-label="Dismiss" onClick={() => setToast(null)}>
              ✕
            </Button>
          </div>
        )}
      </section>
    </Context.Provider>
  )
}

/** Says things to the person. */
export function useToast(): Speaker {
  return useContext(Context)
}
