import { batched, type Drawing, drawActions, executable, seen } from '@attune/control'
import { randomKey } from '@attune/grad'
import { checkPictures, type PictureOptions, writePictures } from './pictures.ts'
import { loadPolicy } from './policy.ts'

/** How to play. */
export interface PlayOptions {
  readonly episodes: number
  readonly seed: number
  /** Draws actions instead of taking the likeliest. */
  readonly draw: boolean
  /** Of the first episode. */
  readonly pictures: PictureOptions
}

/** Plays a saved policy's episodes and says what each returned and its last `info`; draws the first one where that is asked for. */
export async function playPolicy(folder: string, options: PlayOptions): Promise<void> {
  const { pictures } = options
  checkPictures(pictures)
  const drawn = pictures.strip || pictures.animation
  const { policy, environment } = await loadPolicy(folder)
  const environments = batched([environment], options.seed)
  const acting = policy.network.acting(policy.parameters)
  const random = options.draw ? randomKey(options.seed, 'play') : undefined
  const drawings: Drawing[] = []
  try {
    let observations = await environments.reset()
    let episodes = 0
    while (episodes < options.episodes) {
      if (drawn && episodes === 0 && environment.drawing) drawings.push(environment.drawing())
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
  await writePictures(drawings, pictures)
}
