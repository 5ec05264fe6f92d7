import { readdirSync, readFileSync } from 'node:fs'

/** One recipe with one seed. */
export interface Result {
  /** Mean return of the evaluation's episodes, with the likeliest actions. */
  readonly mean: number
  readonly returns: readonly number[]
  readonly steps: number
  readonly seconds: number
  readonly stepsPerSecond: number
  /** Steps and the mean return of the episodes that ended in that iteration, while training. */
  readonly curve: readonly (readonly [number, number])[]
}

/** All tasks of one seed. */
export interface SeedResults {
  readonly seed: number
  readonly tasks: Readonly<Record<string, Result>>
}

/** The committed results, by seed. */
export function readResults(): SeedResults[] {
  const folder = new URL('./results/', import.meta.url)
  return readdirSync(folder)
    .filter((name) => /^seed-\d+\.json$/.test(name))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as SeedResults)
}
