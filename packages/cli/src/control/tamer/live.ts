import {
  credits,
  type Delay,
  type Drawing,
  type Interval,
  type Signal,
  type TamerTrainer,
} from '@attune/control'
import type { SignalFile } from './signal-file.ts'

/** A step as the page shows it. */
export interface Frame {
  readonly kind: 'frame'
  readonly step: number
  readonly action: number
  /** Ĥ(s, ·) of the state in which the action was chosen. */
  readonly values: readonly number[]
  readonly drawing: Drawing
  readonly episode: number
  readonly episodeSteps: number
  readonly return: number
}

/** A signal that is on the disk. */
export interface Given {
  readonly kind: 'signal'
  readonly id: string
  readonly time: number
  readonly value: number
  /** The action that gets most of its credit. */
  readonly action: number
  /** Signals in all, this one included. */
  readonly count: number
}

/** How fast the agent acts. */
export interface Pace {
  readonly kind: 'pace'
  readonly secondsPerStep: number
  readonly paused: boolean
}

/** An episode that is over. */
export interface EpisodeEnd {
  readonly kind: 'episode'
  readonly episode: number
  readonly return: number
  readonly steps: number
}

/** What the page hears. */
export type LiveEvent = Frame | Given | Pace | EpisodeEnd | { readonly kind: 'end'; readonly message: string }

/** What a live trainer shows and where it keeps what it hears. */
export interface LiveOptions {
  readonly file: SignalFile
  readonly delay: Delay
  readonly secondsPerStep: number
  /** Seconds that lie between an earlier session and this one. */
  readonly memory: number
  /** The step just done, for the page. */
  readonly look: (observation: Float32Array) => Omit<Frame, 'kind' | 'step' | 'action'>
  /** Seconds on a clock that only goes forward. */
  readonly clock?: () => number
}

/** A person who watches at a page: shows each step for its time, and takes signals while it is seen. */
export interface LiveTrainer extends TamerTrainer {
  /** Keeps a signal that was given `ago` seconds ago; the same id counts once. Returns when it is on the disk. */
  readonly give: (given: { id: string; value: number; ago: number }) => Promise<void>
  /** Changes the speed or pauses; the present step goes on at the new speed. */
  readonly setPace: (change: { faster?: number; paused?: boolean }) => void
  /** Ends the training after the present step, which ends at once. */
  readonly stop: () => void
  readonly tell: (event: LiveEvent) => void
  /** Hears what is shown now and what comes. Returns the end of it. */
  readonly listen: (listener: (event: LiveEvent) => void) => () => void
}

const [fastest, slowest] = [0.02, 10]
const mostRemembered = 200
const keptEvents: Readonly<Record<string, number>> = { signal: 6, episode: 24 }

/** Makes a live trainer; it is paused until somebody starts it, and whenever nobody looks. */
export function liveTrainer(options: LiveOptions): LiveTrainer {
  const { file, delay, look } = options
  const { now, endOf } = times(options)
  const listeners = new Set<(event: LiveEvent) => void>()
  const kept = new Map<string, LiveEvent[]>() // the newest of each kind, for a page that comes later
  const tell = (event: LiveEvent) => {
    const before = kept.get(event.kind) ?? []
    kept.set(event.kind, [...before, event].slice(-(keptEvents[event.kind] ?? 1)))
    for (const listener of listeners) listener(event)
  }
  const pacing = paceOf(options.secondsPerStep, tell)
  const recent: (Interval & { readonly action: number })[] = file.steps.slice(-mostRemembered)
  let pending: Signal[] = [...file.open]
  let step = file.steps.length
  let count = file.steps.reduce((total, { signals }) => total + signals.length, file.open.length)
  let interval: Interval = { start: 0, end: file.steps.at(-1)?.end ?? 0 }
  let acting = 0
  let writing: Promise<unknown> = Promise.resolve()
  /** One after the other: the order of the file is what a step is learnt from. */
  const inOrder = <T>(task: () => Promise<T>): Promise<T> => {
    const done = writing.then(task)
    writing = done.catch(() => {})
    return done
  }

  const creditedAction = (time: number) => {
    const seen = [...recent, { start: interval.end, end: Infinity, action: acting }]
    const shares = credits(time, seen, delay)
    return seen[shares.indexOf(Math.max(...shares))]!.action
  }
  return {
    interval: () => interval,
    watch: async ({ observation, action }) => {
      if (pacing.stopped()) return undefined
      acting = action
      tell({ kind: 'frame', step, action, ...look(observation) })
      await pacing.pass()
      return inOrder(async () => {
        interval = { start: interval.end, end: Math.max(endOf(), interval.end) }
        await file.step({ step, action, ...interval })
        recent.push({ ...interval, action })
        if (recent.length > mostRemembered) recent.shift()
        step++
        const signals = pending
        pending = []
        return signals
      })
    },
    give: ({ id, value, ago }) => {
      const time = rounded(Math.max(now() - ago, 0))
      return inOrder(async () => {
        if (!(await file.signal({ id, step, time, value }))) return
        pending.push({ value, time })
        tell({ kind: 'signal', id, time, value, action: creditedAction(time), count: ++count })
      })
    },
    setPace: pacing.change,
    stop: pacing.stop,
    tell,
    listen: (listener) => {
      listeners.add(listener)
      for (const event of [...kept.values()].flat()) listener(event)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) pacing.change({ paused: true })
      }
    },
  }
}

/** A session's clock, which goes on after the file's last time with as much between them as is remembered. */
function times({ file, memory, clock = () => performance.now() / 1000 }: LiveOptions) {
  const began = clock()
  const from = file.time > 0 ? file.time + memory : 0
  const now = () => from + clock() - began
  return { now, endOf: () => rounded(now()) }
}

/** Waits for steps' ends; a change of speed holds for the step that is on, too. */
function paceOf(start: number, tell: (event: LiveEvent) => void) {
  let [secondsPerStep, paused, over] = [start, true, false]
  let wake = () => {}
  const told = () => tell({ kind: 'pace', secondsPerStep, paused })
  told()
  return {
    stopped: () => over,
    stop: () => {
      over = true
      wake()
    },
    change: ({ faster = 1, paused: pause = paused }: { faster?: number; paused?: boolean }) => {
      secondsPerStep = rounded(Math.min(Math.max(secondsPerStep / faster, fastest), slowest))
      paused = pause
      told()
      wake()
    },
    pass: async () => {
      let share = 1 // of the step, still to come
      while (share > 0.001 && !over) {
        const [before, lasting, moving] = [performance.now(), 1000 * secondsPerStep, !paused]
        await new Promise<void>((resolve) => {
          const timer = moving ? setTimeout(resolve, share * lasting) : undefined
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        if (moving) share -= (performance.now() - before) / lasting
      }
    },
  }
}

function rounded(seconds: number): number {
  return Math.round(1000 * seconds) / 1000
}
