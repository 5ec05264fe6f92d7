import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type {
  MomentsState,
  Policy,
  RewardScaler,
  RewardScalerState,
  VectorEnvironment,
  VectorState,
} from '@attune/control'
import { fileError, readJson, readSafetensors, writeFileAtomic, writeSafetensors } from '@attune/lm'
import { UserError } from '../errors.ts'
import { checkpointSteps, saveStep } from '../run/checkpoint.ts'

/** Everything that a run of PPO changes. */
export interface ControlState {
  readonly policy: Policy
  readonly environments: VectorEnvironment
  readonly rewardScaler?: RewardScaler | undefined
}

interface SavedNumbers {
  readonly environments: VectorState
  readonly observations?: MomentsState
  readonly rewards?: RewardScalerState
}

/** Saves policy, optimiser, statistics and where the environments stand as `step-N`. */
export async function saveControl(folder: string, step: number, state: ControlState): Promise<void> {
  const { policy, environments, rewardScaler } = state
  const numbers: SavedNumbers = {
    environments: await environments.state(),
    observations: policy.observations?.state(),
    rewards: rewardScaler?.state(),
  }
  const write = async (temporary: string) => {
    await mkdir(temporary, { recursive: true }).catch((cause) => {
      throw fileError(temporary, cause)
    })
    await writeSafetensors(join(temporary, 'policy.safetensors'), policy.parameters)
    await writeSafetensors(join(temporary, 'optimizer.safetensors'), policy.optimizer.state())
    await writeFileAtomic(join(temporary, 'trainer_state.json'), [JSON.stringify(numbers)])
  }
  await saveStep(folder, { step, write })
}

/** Restores the newest checkpoint; returns its step and the observations there, or nothing when there is none. */
export async function restoreControl(
  folder: string,
  { policy, environments, rewardScaler }: ControlState,
): Promise<{ readonly step: number; readonly observations: Float32Array } | undefined> {
  const [step] = await checkpointSteps(folder)
  if (step === undefined) return undefined
  const path = join(folder, `step-${step}`)
  const { tensors } = await readSafetensors(join(path, 'policy.safetensors'))
  for (const [name, { data }] of Object.entries(policy.parameters)) {
    const saved = tensors[name]
    if (saved?.data.length !== data.length)
      throw new UserError(
        `${path}: parameter '${name}' is missing or of another size; was the recipe changed?`,
      )
    data.set(saved.data)
  }
  policy.optimizer.restore((await readSafetensors(join(path, 'optimizer.safetensors'))).tensors)
  const numbers = (await readJson(join(path, 'trainer_state.json'))) as unknown as SavedNumbers
  if (numbers.observations) policy.observations?.restore(numbers.observations)
  if (numbers.rewards) rewardScaler?.restore(numbers.rewards)
  return { step, observations: await environments.restore(numbers.environments) }
}
