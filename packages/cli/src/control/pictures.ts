import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { animatedPng, type Drawing, drawingSvg, png, stripSvg } from '@attune/control'
import { UserError } from '../errors.ts'

/** What is drawn of an episode, and into which files. */
export interface PictureOptions {
  /** PNG or SVG file for a strip of moments. */
  readonly strip?: string | undefined
  /** PNG file that moves. */
  readonly animation?: string | undefined
  /** Pictures in the strip. */
  readonly frames: number
  /** Steps between pictures; without it a strip is spread over the whole episode and an animation shows every step. */
  readonly every?: number | undefined
  /** Steps that an animation shows in a second. */
  readonly stepsPerSecond: number
}

/** Refuses names of files that say another format, or whose folder is not there. */
export function checkPictures({ strip, animation }: PictureOptions): void {
  for (const [option, path] of Object.entries({ strip, animation }))
    if (path && !existsSync(dirname(path)))
      throw new UserError(`--${option} ${path}: there is no folder ${dirname(path)}`)
  if (strip && !/\.(svg|png)$/.test(strip))
    throw new UserError(`--strip ${strip}: expected a name that ends in .png or .svg`)
  if (animation && !animation.endsWith('.png'))
    throw new UserError(
      `--animation ${animation}: expected a name that ends in .png (an animated PNG; ffmpeg -i file.png file.mp4 makes a film of it)`,
    )
}

/** Writes an episode's drawings as the files that are asked for. */
export async function writePictures(drawings: readonly Drawing[], options: PictureOptions): Promise<void> {
  const { strip, animation } = options
  if (strip) {
    const shown = moments(drawings, options)
    const svg = stripSvg(shown, { width: 200, columns: Math.min(shown.length, 6) })
    await writeFile(strip, strip.endsWith('.svg') ? svg : await png(svg))
    process.stderr.write(`strip: ${strip}\n`)
  }
  if (animation) {
    await writeFile(animation, await animated(drawings, options))
    process.stderr.write(`animation: ${animation}\n`)
  }
}

async function animated(
  drawings: readonly Drawing[],
  { every = 1, stepsPerSecond }: PictureOptions,
): Promise<Uint8Array> {
  const frames: Uint8Array[] = []
  for (let i = 0; i < drawings.length; i += every)
    frames.push(await png(drawingSvg(drawings[i]!, { width: 320 })))
  return animatedPng(frames, { framesPerSecond: stepsPerSecond / every })
}

/** At most `frames` of the drawings: every so many from the start, or at even distances from first to last. */
function moments<T>(
  drawings: readonly T[],
  { frames, every }: Pick<PictureOptions, 'frames' | 'every'>,
): T[] {
  if (every) return drawings.filter((_, i) => i % every === 0).slice(0, frames)
  if (drawings.length <= frames) return [...drawings]
  const last = drawings.length - 1
  return Array.from({ length: frames }, (_, i) => drawings[Math.round((i * last) / Math.max(1, frames - 1))]!)
}
