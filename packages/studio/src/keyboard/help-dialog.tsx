import { useState } from 'react'
import { Button, Key, keyName } from '../design/button.tsx'
import { Dialog } from '../design/dialog.tsx'
import { Check } from '../design/field.tsx'
import { useKeyboard } from './keyboard.tsx'
import { actions, defaultKeys, isChord, keyOf, pressed, remap } from './keymap.ts'

/** The list of keys, in which they can be changed and turned off. */
export function HelpDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <KeyList />
    </Dialog>
  )
}

/** Every action with its key; a press of “Change” waits for another key. */
export function KeyList() {
  const { settings, change } = useKeyboard()
  const [waiting, setWaiting] = useState<string | null>(null)
  const groups = [...new Set(actions.map(({ group }) => group))]
  return (
    <>
      <p className="muted small">
        Everything can also be done with the pointer, or with Tab and Enter. In a text field, single keys
        type.
      </p>
      <div className="row spread">
        <Check label="Single keys act" checked={settings.on} onChange={(on) => change({ ...settings, on })} />
        <Button size="small" onClick={() => change(defaultKeys)}>
          Reset all keys
        </Button>
      </div>
      <div className="key-groups">
        {groups.map((group) => (
          <section className="key-group" key={group}>
            <h3>{group}</h3>
            <ul>
              {actions
                .filter((action) => action.group === group)
                .map(({ id, name }) => (
                  <li key={id}>
                    <span>{name}</span>
                    <button
                      type="button"
                      className="key-button"
                      aria-label={`${name}: key ${keyName(keyOf(id, { ...settings, on: true })!)}. Change`}
                      onClick={() => setWaiting(id)}
                      onBlur={() => setWaiting(null)}
                      onKeyDown={(event) => {
                        if (waiting !== id || event.key === 'Tab') return
                        event.preventDefault()
                        event.stopPropagation()
                        const key = pressed(event.nativeEvent)
                        if (!key) return
                        if (key !== 'Escape') change(remap(id, key, settings))
                        setWaiting(null)
                      }}
                    >
                      {waiting === id ? (
                        'press a key …'
                      ) : (
                        <KeyFace name={keyOf(id, { ...settings, on: true })!} on={settings.on} />
                      )}
                    </button>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </>
  )
}

function KeyFace({ name, on }: { name: string; on: boolean }) {
  return on || isChord(name) ? <Key name={name} /> : <s className="muted small">{name}</s>
}
