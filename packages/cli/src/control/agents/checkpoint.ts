import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type MomentsState,
  type Policy,
  type ReplayLearner,
  type RewardScaler,
  type RewardScalerState,
  takeParameters,
  type VectorEnvironment,
  type VectorState,
} from '@attune/control'
import { fileError, readJson, readSafetensors, writeFileAtomic, writeSafetensors } from '@attune/lm'
import { UserError } from '../../errors.ts'
import { checkpointSteps, saveStep } from '../../run/checkpoint.ts'

/** Something that writes what it changes into a checkpoint's folder. */
export interface Saved {
  readonly save: (folder: string) => Promise<void>
}

/** Saves `parts` together as `step-N`: all of them or nothing. */
export async function saveControl(folder: string, step: number, parts: readonly Saved[]): Promise<void> {
  const write = async (temporary: string) => {
    await mkdir(temporary, { recursive: true }).catch((cause) => {
      throw fileError(temporary, cause)
    })
    for (const part of parts) await part.save(temporary)
  }
  await saveStep(folder, { step, write })
}

/** The newest checkpoint, or undefined when there is none. */
export async function newestCheckpoint(
  folder: string,
): Promise<{ readonly step: number; readonly path: string } | undefined> {
  const [step] = await checkpointSteps(folder)
  return step === undefined ? undefined : { step, path: join(folder, `step-${step}`) }
}

/** Everything that a run of PPO changes. */
export interface PpoState {
  readonly policy: Policy
  readonly environments: VectorEnvironment
  readonly rewardScaler?: RewardScaler | undefined
}

interface PpoNumbers {
  readonly environments: VectorState
  readonly observations?: MomentsState
  readonly rewards?: RewardScalerState
}

/** Writes policy, optimiser, statistics and where the environments stand. */
export async function writePpo(folder: string, state: PpoState): Promise<void> {
  const { policy, environments, rewardScaler } = state
  const numbers: PpoNumbers = {
    environments: await environments.state(),
    observations: policy.observations?.state(),
    rewards: rewardScaler?.state(),
  }
  await writeSafetensors(join(folder, 'policy.safetensors'), policy.parameters)
  await writeSafetensors(join(folder, 'optimizer.safetensors'), policy.optimizer.state())
  await writeFileAtomic(join(folder, 'trainer_state.json'), [JSON.stringify(numbers)])
}

/** Takes back what `writePpo` wrote; returns the observations where the environments stand. */
export async function readPpo(
  folder: string,
  { policy, environments, rewardScaler }: PpoState,
): Promise<Float32Array> {
  const { tensors } = await readSafetensors(join(folder, 'policy.safetensors'))
  try {
    takeParameters(policy.parameters, tensors)
  } catch (cause) {
    throw new UserError(`${folder}: ${(cause as Error).message}`)
  }
  policy.optimizer.restore((await readSafetensors(join(folder, 'optimizer.safetensors'))).tensors)
  const numbers = (await readJson(join(folder, 'trainer_state.json'))) as unknown as PpoNumbers
  if (numbers.observations) policy.observations?.restore(numbers.observations)
  if (numbers.rewards) rewardScaler?.restore(numbers.rewards)
  return await environments.restore(numbers.environments)
}

/** Everything that a run of a learner by replay changes. */
export interface ReplayRun {
  readonly learner: ReplayLearner
  readonly environments: VectorEnvironment
}

/** Writes networks, optimisers, replay buffer and where the environments stand. */
export async function writeReplay(folder: string, { learner, environments }: ReplayRun): Promise<void> {
  const { iteration, tensors } = learner.state()
  await writeSafetensors(join(folder, 'learner.safetensors'), tensors)
  const numbers = { iteration, environments: await environments.state() }
  await writeFileAtomic(join(folder, 'trainer_state.json'), [JSON.stringify(numbers)])
}

/** Takes back what `writeReplay` wrote. */
export async function readReplay(folder: string, { learner, environments }: ReplayRun): Promise<void> {
  const { tensors } = await readSafetensors(join(folder, 'learner.safetensors'))
  const { iteration, environments: stand } = (await readJson(
    join(folder, 'trainer_state.json'),
  )) as unknown as { iteration: number; environments: VectorState }
  const observations = await environments.restore(stand)
  try {
    learner.restore({ iteration, tensors }, observations)
  } catch (cause) {
    throw new UserError(`${folder}: ${(cause as Error).message}`)
  }
}
