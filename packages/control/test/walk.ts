import type { ClipComparison } from '@attune/feedback'
import { randomKey } from '@attune/grad'
import type { Rollout } from '../src/learn/record.ts'
import type { RecordedRollout } from '../src/preferences/clip.ts'

/** Two environments, T steps of a random walk in [−1, 1], reward s·a, episodes ending where `ends` says. */
export function walk(
  source: string,
  { steps = 60, ends = [] as readonly (readonly [number, number])[] } = {},
): RecordedRollout {
  const count = 2
  const { uniform, int } = randomKey(1, source)
  const observations = Float32Array.from({ length: steps * count }, () => 2 * uniform() - 1)
  const actions = Float32Array.from({ length: steps * count }, () => int(2))
  const ended = new Uint8Array(steps * count)
  for (const [t, index] of ends) ended[t * count + index] = 1
  const rollout: Rollout = {
    steps,
    count,
    observations,
    nextObservations: observations,
    actions,
    rewards: observations.map((s, i) => s * (2 * actions[i]! - 1)),
    terminated: ended,
    ended,
    episodes: [],
    infos: [],
  }
  return { source, rollout }
}

/** A person's answer about two clips. */
export const judged = (
  clips: readonly [string, string],
  preferred: ClipComparison['preferred'],
  more = {},
): ClipComparison => ({
  kind: 'clip-comparison',
  item: clips.join(' '),
  annotator: { id: 'me', source: 'person' },
  time: '2026-01-01T00:00:00Z',
  protocol: 'clips-1',
  clips,
  preferred,
  ...more,
})
