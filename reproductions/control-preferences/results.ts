import { readFile } from 'node:fs/promises'
import type { Outcome } from './experiment.ts'

/** A finished run as its file holds it. */
export interface Result extends Outcome {
  readonly task: string
  readonly arm: string
  readonly seed: number
}

/** Where a run's result is written. */
export function resultFile(task: string, arm: string, seed: number): URL {
  return new URL(`results/${task}-${arm}-seed-${seed}.json`, import.meta.url)
}

/** A finished run; undefined when it has not been run. */
export async function readResult(task: string, arm: string, seed: number): Promise<Result | undefined> {
  const text = await readFile(resultFile(task, arm, seed), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Result)
}
