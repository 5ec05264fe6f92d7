import type { Drawing, Figure } from '@attune/feedback'

/** A clip as people see it: each frame is a drawing, or a picture as a `data:` address. */
export interface Clip {
  readonly id: string
  readonly framesPerSecond: number
  readonly frames: readonly (Drawing | string)[]
}

/** A clip from the JSON text that a completion holds. Throws an error that says what is wrong with it. */
export function parseClip(text: string): Clip {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error('The clip is not JSON.')
  }
  return checkClip(value)
}

/** A value as a clip; see `parseClip`. */
export function checkClip(value: unknown): Clip {
  const { id, framesPerSecond, frames } = (value ?? {}) as Partial<Clip>
  if (typeof id !== 'string' || id === '') throw new Error('The clip has no "id".')
  if (!Number.isFinite(framesPerSecond) || framesPerSecond! <= 0)
    throw new Error(`The clip ${id} needs "framesPerSecond" above 0.`)
  if (!Array.isArray(frames) || frames.length === 0) throw new Error(`The clip ${id} has no "frames".`)
  frames.forEach((frame, i) => {
    if (!isFrame(frame))
      throw new Error(
        `Frame ${i} of the clip ${id} is neither a drawing (view, background, figures) nor a picture (data:image/…).`,
      )
  })
  return { id, framesPerSecond: framesPerSecond!, frames }
}

function isFrame(frame: unknown): frame is Clip['frames'][number] {
  if (typeof frame === 'string') return /^data:image\/(png|jpeg|webp|gif);/.test(frame)
  const { view, background, figures } = (frame ?? {}) as Partial<Drawing>
  const { left, right, bottom, top } = (view ?? {}) as Partial<Drawing['view']>
  const isView = isPoint([left, bottom]) && isPoint([right, top]) && left! < right! && bottom! < top!
  return isView && typeof background === 'string' && Array.isArray(figures) && figures.every(isFigure)
}

function isFigure(figure: unknown): figure is Figure {
  const { kind, fill, ...shape } = (figure ?? {}) as Readonly<Record<string, unknown>>
  if (typeof fill !== 'string') return false
  switch (kind) {
    case 'circle':
      return isPoint([shape.x, shape.y]) && isLength(shape.radius)
    case 'capsule':
      return isPoint(shape.from) && isPoint(shape.to) && isLength(shape.radius)
    case 'polygon':
      return Array.isArray(shape.points) && shape.points.every(isPoint)
    case 'text':
      return isPoint([shape.x, shape.y]) && isLength(shape.size) && typeof shape.text === 'string'
    default:
      return false
  }
}

function isPoint(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite)
}

function isLength(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0
}

/** How long a clip plays, in seconds. */
export function secondsOf({ frames, framesPerSecond }: Clip): number {
  return frames.length / framesPerSecond
}

/** The frame that is shown after so many seconds; the last one stays. */
export function frameAt({ frames, framesPerSecond }: Clip, seconds: number): number {
  return Math.min(frames.length - 1, Math.max(0, Math.floor(seconds * framesPerSecond)))
}
