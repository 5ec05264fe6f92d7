import { readFileSync } from 'node:fs'

/** Prints a measurement with this process's peak memory as the line that `bench/child.ts` reads. */
export function report(numbers: Readonly<Record<string, number>>): void {
  console.log(JSON.stringify({ ...numbers, peakMemory: peakMemory() }))
}

/** Largest resident size of this process so far, in MB. */
function peakMemory(): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))
  return Number(line![1]) / 1024
}

/** Seconds of every run, after two that warm up. */
export async function timed(runs: number, run: () => Promise<unknown>): Promise<number[]> {
  for (let i = 0; i < 2; i++) await run()
  const seconds: number[] = []
  for (let i = 0; i < runs; i++) {
    const began = performance.now()
    await run()
    seconds.push((performance.now() - began) / 1000)
  }
  return seconds
}

/** Seconds of processors that this process has used, all threads together. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Reports the middle of some runs after one that compiles: seconds, and seconds of processors. */
export async function reportTimed(runs: number, run: () => Promise<void>): Promise<void> {
  await run()
  const [seconds, processors]: [number[], number[]] = [[], []]
  for (let i = 0; i < runs; i++) {
    const [began, used] = [performance.now(), processorSeconds()]
    await run()
    seconds.push((performance.now() - began) / 1000)
    processors.push(processorSeconds() - used)
  }
  report({ seconds: median(seconds), processors: median(processors) })
}

/** The middle of the sorted numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}
