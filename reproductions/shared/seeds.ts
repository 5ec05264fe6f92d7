import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** The file of a seed's result beside a script (`import.meta.url`). */
function fileOf(script: string, seed: number): URL {
  return new URL(`results/seed-${seed}.json`, script)
}

/** Seeds of the command line, or 1 to 3, without those that have a result, which are named. */
export function missingSeeds(script: string, given: readonly string[] = process.argv.slice(2)): number[] {
  const seeds = given.length > 0 ? given.map(Number) : [1, 2, 3]
  return seeds.filter((seed) => {
    const done = existsSync(fileOf(script, seed))
    if (done) console.log(`seed ${seed}: results/seed-${seed}.json is there; remove it to run again`)
    return !done
  })
}

/** Writes a seed's result, text as it is and all else as JSON. */
export function writeSeed(script: string, seed: number, result: unknown): void {
  mkdirSync(new URL('results/', script), { recursive: true })
  writeFileSync(
    fileOf(script, seed),
    typeof result === 'string' ? result : `${JSON.stringify(result, null, 1)}\n`,
  )
}

/** Results of all seeds, in their order. */
export function readSeeds<T>(script: string): T[] {
  return readdirSync(new URL('results/', script))
    .flatMap((name) => /^seed-(\d+)\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .map((seed) => JSON.parse(readFileSync(fileOf(script, seed), 'utf8')) as T)
}

/** The first place, from 1, at which `window` values in a row have a mean that `holds`; null when there is none. */
export function competence(
  values: readonly number[],
  window: number,
  holds: (mean: number) => boolean,
): number | null {
  for (let from = 0; from + window <= values.length; from++)
    if (holds(meanOf(values.slice(from, from + window)))) return from + 1
  return null
}

/** The arithmetic mean. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}

/** A number with so many digits behind the point. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
