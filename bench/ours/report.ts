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

/** The middle of the sorted numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}
