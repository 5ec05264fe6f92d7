/** Something that a key can do. */
export interface Action {
  readonly id: string
  readonly name: string
  readonly group: string
  /** Key in `event.key`'s words; `Mod+` is Control, or Command on a Mac. */
  readonly key: string
}

function scale(): Action[] {
  const names = ['A much better', 'A better', 'A slightly better', 'A by a hair']
  const words = [...names, ...names.map((name) => name.replace('A', 'B')).reverse()]
  return words.map((name, i) => ({ id: `pair.${i + 1}`, name, group: 'Comparing two', key: String(i + 1) }))
}

function places(id: string, group: string, name: (n: number) => string): Action[] {
  return [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({ id: `${id}.${n}`, name: name(n), group, key: String(n) }))
}

/** Every action with its key as shipped. */
export const actions: readonly Action[] = [
  ...scale(),
  { id: 'pair.tie', name: 'Equally good', group: 'Comparing two', key: '0' },
  { id: 'pair.both-bad', name: 'Both bad', group: 'Comparing two', key: '9' },
  { id: 'pair.diff', name: 'Show or hide differences', group: 'Comparing two', key: 'd' },
  { id: 'clip.left', name: 'A is better', group: 'Comparing clips', key: 'ArrowLeft' },
  { id: 'clip.right', name: 'B is better', group: 'Comparing clips', key: 'ArrowRight' },
  { id: 'clip.tie', name: 'Tie', group: 'Comparing clips', key: 'ArrowUp' },
  { id: 'clip.skip', name: 'Skip at once: I cannot tell', group: 'Comparing clips', key: 'ArrowDown' },
  { id: 'clip.both-bad', name: 'Both bad', group: 'Comparing clips', key: '9' },
  { id: 'clip.pause', name: 'Pause or play', group: 'Comparing clips', key: ' ' },
  { id: 'clip.replay', name: 'Play from the beginning', group: 'Comparing clips', key: 'r' },
  { id: 'binary.up', name: 'Thumbs up', group: 'Thumbs', key: '1' },
  { id: 'binary.down', name: 'Thumbs down', group: 'Thumbs', key: '2' },
  ...places('rate', 'Rating', (n) => `Grade ${n} on the next scale`),
  ...places('rank', 'Ranking', (n) => `Move the answer to place ${n}`),
  { id: 'label.submit', name: 'Submit', group: 'Every task', key: 'Mod+Enter' },
  { id: 'label.skip', name: 'Skip', group: 'Every task', key: 's' },
  { id: 'label.flag', name: 'Flag a problem', group: 'Every task', key: 'f' },
  { id: 'label.undo', name: 'Take back the last answer', group: 'Every task', key: 'u' },
  { id: 'label.guidelines', name: 'Show or hide guidelines', group: 'Every task', key: 'g' },
  { id: 'arena.a', name: 'A is better', group: 'Arena', key: '1' },
  { id: 'arena.b', name: 'B is better', group: 'Arena', key: '2' },
  { id: 'arena.tie', name: 'Tie', group: 'Arena', key: '0' },
  { id: 'arena.both-bad', name: 'Both bad', group: 'Arena', key: '9' },
  { id: 'arena.next', name: 'New round', group: 'Arena', key: 'n' },
  { id: 'help', name: 'This list', group: 'Everywhere', key: '?' },
]

/** How a person has set the keys: all single keys on or off, and keys of their own. */
export interface KeySettings {
  readonly on: boolean
  readonly own: Readonly<Record<string, string>>
}

export const defaultKeys: KeySettings = { on: true, own: {} }

/** The key of an action; null when single-character keys are off and it has one. */
export function keyOf(id: string, { on, own }: KeySettings): string | null {
  const key = own[id] ?? actions.find((action) => action.id === id)?.key ?? null
  return key && (on || isChord(key)) ? key : null
}

/** Whether a key needs a modifier or is not a character: those may stay when character keys are off (WCAG 2.1.4). */
export function isChord(key: string): boolean {
  return key.startsWith('Mod+') || key.length > 1
}

/** The name of the key that was pressed, in the words of `Action.key`; empty for a modifier on its own. */
export function pressed(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): string {
  if (['Control', 'Meta', 'Alt', 'Shift', 'Dead'].includes(event.key) || event.altKey) return ''
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  return event.ctrlKey || event.metaKey ? `Mod+${key}` : key
}

/** Whether keys typed here are text, so that single characters must not act. */
export function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'range', 'button', 'file'].includes(target.type)
  return (
    target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable
  )
}

/**
 * Gives an action another key. The actions that had it and can be live beside this one get the key that this one had; what
 * had that key beside them gets the new one: the two keys change places, and no page has a key twice.
 */
export function remap(id: string, key: string, settings: KeySettings): KeySettings {
  const now = (action: string) => keyOf(action, { ...settings, on: true })
  const before = now(id)!
  const holders = (name: string) => actions.filter((other) => other.id !== id && now(other.id) === name)
  const group = actions.find((action) => action.id === id)!.group
  const rivals = holders(key).filter((other) => meets(other.group, group))
  const displaced = holders(before).filter((other) => rivals.some((rival) => meets(other.group, rival.group)))
  const moved = [
    ...rivals.map((rival) => [rival.id, before] as const),
    ...displaced.map((other) => [other.id, key] as const),
  ]
  return { ...settings, own: { ...settings.own, ...Object.fromEntries(moved), [id]: key } }
}

/** Whether keys of two groups can be live on one page. */
function meets(first: string, second: string): boolean {
  const everywhere = ['Every task', 'Everywhere']
  return first === second || everywhere.includes(first) || everywhere.includes(second)
}
