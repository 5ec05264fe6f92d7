import type { EndedEpisode, VectorStep } from '../envs/vector.ts'

/** What N environments went through in T steps, row-major [T, N, …]. */
export interface Rollout {
  readonly steps: number
  readonly count: number
  /** As the environments gave them. */
  readonly observations: Float32Array
  /** Where each step led, before any reset. */
  readonly nextObservations: Float32Array
  /** As the environments took them, within their bounds. */
  readonly actions: Float32Array
  /** The environments' own rewards. */
  readonly rewards: Float32Array
  readonly terminated: Uint8Array
  /** Terminated or truncated. */
  readonly ended: Uint8Array
  /** Episodes that ended, each with the step (from 0) it ended at. */
  readonly episodes: readonly (EndedEpisode & { readonly at: number })[]
  /** What the environments told in passing, [T][N]. */
  readonly infos: readonly (readonly (Readonly<Record<string, number>> | undefined)[])[]
}

/** Writes steps down as a rollout. */
export function recordRollout(
  steps: number,
  count: number,
  { observationSize, actionSize }: { observationSize: number; actionSize: number },
) {
  const rows = steps * count
  const arrays = {
    observations: new Float32Array(rows * observationSize),
    nextObservations: new Float32Array(rows * observationSize),
    actions: new Float32Array(rows * actionSize),
    rewards: new Float32Array(rows),
    terminated: new Uint8Array(rows),
    ended: new Uint8Array(rows),
  }
  const episodes: Rollout['episodes'][number][] = []
  const infos: Rollout['infos'][number][] = []
  const write = (t: number, observations: Float32Array, actions: Float32Array, step: VectorStep) => {
    arrays.observations.set(observations, t * count * observationSize)
    arrays.nextObservations.set(step.observations, t * count * observationSize)
    for (const episode of step.ended) {
      arrays.nextObservations.set(episode.observation, (t * count + episode.index) * observationSize)
      episodes.push({ ...episode, at: t })
    }
    arrays.actions.set(actions, t * count * actionSize)
    arrays.rewards.set(step.rewards, t * count)
    arrays.terminated.set(step.terminated, t * count)
    for (let i = 0; i < count; i++)
      arrays.ended[t * count + i] = Number(step.terminated[i] || step.truncated[i])
    infos.push(step.infos)
  }
  const slice = (source: Float32Array, row: number, width: number) =>
    source.subarray(row * width, (row + 1) * width)
  return {
    write,
    transitions: (t: number) =>
      Array.from({ length: count }, (_, i) => {
        const row = t * count + i
        return {
          observation: slice(arrays.observations, row, observationSize),
          next: slice(arrays.nextObservations, row, observationSize),
          action: slice(arrays.actions, row, actionSize),
          reward: arrays.rewards[row]!,
          terminated: arrays.terminated[row] === 1,
        }
      }),
    rollout: (): Rollout => ({ ...arrays, steps, count, episodes, infos }),
  }
}

/** Mean return and length of the episodes that ended, if any did, under Stable-Baselines3's names. */
export function episodeMetrics({ episodes }: Pick<Rollout, 'episodes'>): Record<string, number> {
  return {
    ...(episodes.length > 0 && {
      'rollout/ep_rew_mean': mean(episodes.map((episode) => episode.return)),
      'rollout/ep_len_mean': mean(episodes.map((episode) => episode.steps)),
    }),
    'rollout/episodes': episodes.length,
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}
