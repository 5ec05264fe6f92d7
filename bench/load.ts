import { readFileSync } from 'node:fs'

/** Cores in use by other processes above which a measurement is of a busy machine. */
export const tolerableLoad = 0.1

/** Starts to watch the machine; the returned function says how many cores other processes used on average since then. */
export function watchOthers(): () => number {
  const began = processorTime()
  return () => {
    const now = processorTime()
    const others = now.all - began.all - (now.own - began.own)
    return Math.max(0, others / (now.at - began.at))
  }
}

/** Linux counts processor time in hundredths of a second (USER_HZ). */
const ticksPerSecond = 100

/** Seconds of all processors in use since the machine started, and of this process with its ended children. */
function processorTime(): { at: number; all: number; own: number } {
  const [, user, nice, system, , , irq, softIrq, steal] = numbers('/proc/stat', /^cpu .*/)
  const [userTime, systemTime, childrenUser, childrenSystem] = numbers('/proc/self/stat', /\).*/).slice(12)
  return {
    at: performance.now() / 1000,
    all: (user! + nice! + system! + irq! + softIrq! + steal!) / ticksPerSecond,
    own: (userTime! + systemTime! + childrenUser! + childrenSystem!) / ticksPerSecond,
  }
}

/** The fields of a file's first match; those that are words are NaN. */
function numbers(file: string, pattern: RegExp): number[] {
  return pattern.exec(readFileSync(file, 'utf8'))![0].split(/\s+/).map(Number)
}
