/** Counts the time that a person spends on a task: only while the page is visible and they are not away. */
export interface Clock {
  /** Starts anew, for the next task. */
  readonly restart: () => void
  /** The person did something. */
  readonly touch: () => void
  readonly setVisible: (visible: boolean) => void
  readonly seconds: () => number
}

/** After this long without a touch the time stops; it goes on with the next touch. */
export const awayAfterSeconds = 90

/** A clock over `now`, in milliseconds. */
export function createClock(now: () => number = () => performance.now()): Clock {
  let counted = 0
  let visible = true
  let from = now()
  let touched = now()
  const pause = () => {
    const end = Math.min(now(), touched + awayAfterSeconds * 1000)
    counted += visible ? Math.max(0, end - from) : 0
    from = now()
  }
  return {
    restart: () => {
      counted = 0
      from = now()
      touched = from
    },
    touch: () => {
      pause()
      touched = now()
    },
    setVisible: (next) => {
      pause()
      visible = next
      if (next) touched = now()
    },
    seconds: () => {
      pause()
      return Math.round(counted / 100) / 10
    },
  }
}
