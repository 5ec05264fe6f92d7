import type { Clip } from './clip.ts'

/**
 * How much of a backflip a clip of Hopper shows, for a simulated annotator: radians turned backwards by the torso in the air,
 * Σ −ω·dt while it is off the ground, less a little for turning forwards. Reads angle and angular velocity from the observation
 * (z, angle, …, v_x, v_z, ω at 7), as the task returns them; `seconds` is the time of a step.
 */
export function backflipScore({ observations, steps }: Clip, seconds = 0.008): number {
  const width = observations.length / steps
  let turned = 0
  for (let t = 0; t < steps; t++) {
    const turning = -observations[t * width + 7]! * seconds
    const height = observations[t * width]!
    turned += turning * (height > 0.6 || turning > 0 ? 1 : 0.5)
  }
  return turned
}

/** Mean evenness with the nearest car over a clip of Drive. */
export function evennessScore({ infos, steps }: Clip): number {
  return infos.reduce((total, info) => total + (info?.evenness ?? 0), 0) / steps
}
