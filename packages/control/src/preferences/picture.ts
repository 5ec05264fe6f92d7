import type { Drawing } from '@attune/feedback'
import type { Environment } from '../envs/environment.ts'
import type { Clip, RecordedRollout } from './clip.ts'

/**
 * Drawings of a clip's states, one before every step and one after the last, by playing its rollout again in `environment`
 * from where it began. Throws when the rollout was recorded without its start, or the environment cannot restore or draw.
 */
export function clipDrawings(
  environment: Environment,
  { rollout, start, source }: RecordedRollout,
  { id, from, steps }: Pick<Clip, 'id' | 'from' | 'steps'>,
): Drawing[] {
  const began = start?.environments[from.index]
  if (source !== from.source || !began)
    throw new Error(`clip ${id} cannot be drawn: its rollout '${from.source}' is not here with its start`)
  if (!environment.restore || !environment.drawing)
    throw new Error(`${environment.id} cannot show clips: it does not save its state, or does not draw it`)
  environment.restore(began)
  const width = rollout.actions.length / (rollout.steps * rollout.count)
  const drawings: Drawing[] = []
  for (let t = 0; t < from.start + steps; t++) {
    if (t >= from.start) drawings.push(environment.drawing())
    const row = t * rollout.count + from.index
    const action = rollout.actions.slice(row * width, (row + 1) * width)
    environment.step(environment.actionSpace.kind === 'discrete' ? action[0]! : action)
    if (t === from.start + steps - 1) drawings.push(environment.drawing())
    else if (rollout.ended[row]) environment.reset()
  }
  return drawings
}
