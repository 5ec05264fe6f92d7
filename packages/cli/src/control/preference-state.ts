import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { PreferenceState, RecordedRollout, RewardLearner, Rollout } from '@attune/control'
import { type NdArray, ndarray } from '@attune/grad'
import { readJson, readSafetensors, writeFileAtomic, writeSafetensors } from '@attune/lm'
import { UserError } from '../errors.ts'

/** Where a run of the method stands. */
export interface PreferenceStand extends PreferenceState {
  /** Judgments that have been taken in, in the order in which they are in labels.jsonl. */
  readonly judgments: number
}

type RolloutJson = Pick<RecordedRollout, 'source' | 'start'> &
  Pick<Rollout, 'steps' | 'count' | 'infos'> & {
    readonly episodes: readonly (Omit<Rollout['episodes'][number], 'observation'> & {
      readonly observation: readonly number[]
    })[]
  }

interface Numbers {
  readonly iteration: number
  readonly owed: number
  readonly judgments: number
  readonly reward: ReturnType<RewardLearner['state']>['numbers']
  readonly rollouts: readonly RolloutJson[]
}

/** Writes the reward ensemble, the rollouts that clips are cut from, and the loop's numbers. */
export async function writePreferences(
  folder: string,
  rewards: RewardLearner,
  { iteration, owed, judgments, rollouts }: PreferenceStand,
): Promise<void> {
  const { parameters, optimizer, numbers: reward } = rewards.state()
  await writeSafetensors(join(folder, 'reward.safetensors'), parameters)
  await writeSafetensors(join(folder, 'reward_optimizer.safetensors'), optimizer)
  const tensors = rollouts.flatMap(({ rollout }, i) =>
    Object.entries(arraysOf(rollout)).map(([name, array]) => [`${i}.${name}`, array] as const),
  )
  await writeSafetensors(join(folder, 'rollouts.safetensors'), Object.fromEntries(tensors))
  const numbers: Numbers = { iteration, owed, judgments, reward, rollouts: rollouts.map(toJson) }
  await writeFileAtomic(join(folder, 'preferences.json'), [JSON.stringify(numbers)])
}

/** Takes back what `writePreferences` wrote. */
export async function readPreferences(folder: string, rewards: RewardLearner): Promise<PreferenceStand> {
  const path = join(folder, 'preferences.json')
  if (!existsSync(path))
    throw new UserError(
      `${path} is missing: this checkpoint holds the policy alone; remove ${join(folder, '..')} and --resume learns anew from the labels, which stay`,
    )
  const numbers = (await readJson(path)) as unknown as Numbers
  const { tensors: parameters } = await readSafetensors(join(folder, 'reward.safetensors'))
  const { tensors: optimizer } = await readSafetensors(join(folder, 'reward_optimizer.safetensors'))
  try {
    rewards.restore({ parameters, optimizer, numbers: numbers.reward })
  } catch (cause) {
    throw new UserError(`${folder}: ${(cause as Error).message}`)
  }
  const { tensors } = await readSafetensors(join(folder, 'rollouts.safetensors'))
  const { iteration, owed, judgments } = numbers
  return { iteration, owed, judgments, rollouts: numbers.rollouts.map((one, i) => fromJson(one, tensors, i)) }
}

function arraysOf({ observations, nextObservations, actions, rewards, terminated, ended }: Rollout) {
  const arrays = { observations, nextObservations, actions, rewards, terminated, ended }
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [name, ndarray(Float32Array.from(array), [array.length])]),
  )
}

function toJson({ source, start, rollout: { steps, count, infos, episodes } }: RecordedRollout): RolloutJson {
  const listed = episodes.map((episode) => ({ ...episode, observation: [...episode.observation] }))
  return { source, ...(start && { start }), steps, count, infos, episodes: listed }
}

function fromJson(
  { source, start, steps, count, infos, episodes }: RolloutJson,
  tensors: Readonly<Record<string, NdArray>>,
  at: number,
): RecordedRollout {
  const numbers = (name: string) => tensors[`${at}.${name}`]!.data as Float32Array
  const rollout: Rollout = {
    steps,
    count,
    infos: infos.map((row) => row.map((info) => info ?? undefined)),
    episodes: episodes.map((episode) => ({
      ...episode,
      observation: Float32Array.from(episode.observation),
    })),
    observations: numbers('observations'),
    nextObservations: numbers('nextObservations'),
    actions: numbers('actions'),
    rewards: numbers('rewards'),
    terminated: Uint8Array.from(numbers('terminated')),
    ended: Uint8Array.from(numbers('ended')),
  }
  return { source, ...(start && { start }), rollout }
}
