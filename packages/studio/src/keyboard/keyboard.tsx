import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { readStored, store } from '../storage.ts'
import { defaultKeys, type KeySettings, keyOf, pressed, takesText } from './keymap.ts'

type Handler = () => void

interface Keyboard {
  readonly settings: KeySettings
  readonly change: (settings: KeySettings) => void
  /** The key of an action as it is set now, to show beside what it does. */
  readonly keyOf: (id: string) => string | undefined
  readonly bind: (id: string, handler: () => Handler) => () => void
}

const Context = createContext<Keyboard | null>(null)

/** Listens to the keyboard for every page; keys in text fields, in dialogs and on other controls stay theirs. */
export function KeyboardProvider({ children }: { children: ReactNode }) {
  const [settings, setSettings] = useState(() => readStored<KeySettings>('keys', defaultKeys))
  const bound = useRef(new Map<string, () => Handler>())
  const latest = useRef(settings)
  latest.current = settings
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const key = pressed(event)
      if (!key || event.repeat || event.defaultPrevented || document.querySelector('dialog[open]')) return
      if (takesText(event.target) && !key.startsWith('Mod+')) return
      if (onControl(event.target, key)) return
      const id = [...bound.current.keys()].find((action) => keyOf(action, latest.current) === key)
      if (!id) return
      event.preventDefault()
      bound.current.get(id)!()()
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
  const keyboard = useMemo<Keyboard>(
    () => ({
      settings,
      change: (next) => {
        setSettings(next)
        store('keys', next)
      },
      keyOf: (id) => keyOf(id, settings) ?? undefined,
      bind: (id, handler) => {
        bound.current.set(id, handler)
        return () => {
          if (bound.current.get(id) === handler) bound.current.delete(id)
        }
      },
    }),
    [settings],
  )
  return <Context.Provider value={keyboard}>{children}</Context.Provider>
}

/** Keys that a control itself takes: Space presses it, arrows move a slider or go through radio buttons. */
function onControl(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (key === ' ') return target.matches('button, a, input, summary, [role=button]')
  return key.startsWith('Arrow') && target.matches('input, [role=slider]')
}

/** The settings of the keys, and the key of each action. */
export function useKeyboard(): Keyboard {
  const keyboard = useContext(Context)
  if (!keyboard) throw new Error('useKeyboard is called outside KeyboardProvider')
  return keyboard
}

/** While this is on the page, the key of the action calls the handler. */
export function useKey(id: string, handler: Handler, enabled = true) {
  const { bind } = useKeyboard()
  const latest = useRef(handler)
  latest.current = handler
  useEffect(() => (enabled ? bind(id, () => latest.current) : undefined), [bind, id, enabled])
}
