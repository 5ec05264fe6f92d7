import { writeFile } from 'node:fs/promises'
import { batched, type Drawing, drawActions, executable, png, seen, stripSvg } from '@attune/control'
import { randomKey } from '@attune/grad'
import { UserError } from '../errors.ts'
import { loadPolicy } from './policy.ts'

/** How to play. */
export interface PlayOptions {
  readonly episodes: number
  readonly seed: number
  /** Draws actions instead of taking the likeliest. */
  readonly draw: boolean
  /** PNG or SVG file for a strip of the first episode's moments. */
  readonly strip?: string | undefined
  readonly frames: number
  /** Steps between pictures; without it they are spread over the whole episode. */
  readonly every?: number | undefined
}

/** Plays a saved policy's episodes and says what each returned and its last `info`; with `strip`, pictures of the first. */
export async function playPolicy(folder: string, options: PlayOptions): Promise<void> {
  if (options.strip && !/\.(svg|png)$/.test(options.strip))
    throw new UserError(`--strip ${options.strip}: expected a name that ends in .png or .svg`)
  const { policy, environment } = await loadPolicy(folder)
  const environments = batched([environment], options.seed)
  const acting = policy.network.acting(policy.parameters)
  const random = options.draw ? randomKey(options.seed, 'play') : undefined
  const drawings: Drawing[] = []
  try {
    let observations = await environments.reset()
    let episodes = 0
    while (episodes < options.episodes) {
      if (options.strip && episodes === 0 && environment.drawing) drawings.push(environment.drawing())
      const { heads } = await acting.forward(seen(policy, observations))
      const action = executable(drawActions(policy, heads, random), environments.actionSpace)
      const step = await environments.step(action)
      for (const episode of step.ended) {
        episodes++
        const line = { return: episode.return, steps: episode.steps, info: step.infos[0] }
        process.stdout.write(`${JSON.stringify(line)}\n`)
      }
      observations = step.observations
    }
  } finally {
    await acting.dispose()
    await environments.close()
  }
  if (options.strip) await writeStrip(options.strip, moments(drawings, options))
}

async function writeStrip(path: string, drawings: readonly Drawing[]): Promise<void> {
  const svg = stripSvg(drawings, { width: 200, columns: Math.min(drawings.length, 6) })
  await writeFile(path, path.endsWith('.svg') ? svg : await png(svg))
  process.stderr.write(`strip: ${path}\n`)
}

/** At most `frames` of the drawings: every so many from the start, or at even distances from first to last. */
function moments<T>(drawings: readonly T[], { frames, every }: Pick<PlayOptions, 'frames' | 'every'>): T[] {
  if (every) return drawings.filter((_, i) => i % every === 0).slice(0, frames)
  if (drawings.length <= frames) return [...drawings]
  const last = drawings.length - 1
  return Array.from({ length: frames }, (_, i) => drawings[Math.round((i * last) / Math.max(1, frames - 1))]!)
}
