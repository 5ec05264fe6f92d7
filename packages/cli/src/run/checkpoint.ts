import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Optimizer } from '@attune/grad'
import {
  fileError,
  type Model,
  readJson,
  readParameters,
  readSafetensors,
  saveModel,
  syncFolder,
  writeFileAtomic,
  writeSafetensors,
} from '@attune/lm'

/** Everything that a trainer changes: models with their optimisers, and plain numbers. */
export interface TrainingState {
  readonly models: Readonly<Record<string, { readonly model: Model; readonly optimizer: Optimizer }>>
  /** Numbers of controllers, such as the KL coefficient. */
  readonly numbers: () => Record<string, number>
  readonly restoreNumbers: (numbers: Readonly<Record<string, number>>) => void
}

/** Saves a checkpoint `step-N` of a trainer's state; older ones beyond `keep` are deleted. */
export async function saveCheckpoint(
  folder: string,
  { step, state, keep }: { step: number; state: TrainingState; keep?: number },
): Promise<void> {
  await saveStep(folder, { step, keep, write: (temporary) => writeState(temporary, { step, state }) })
}

/** Saves a folder `step-N` by `write`: under a temporary name, flushed, renamed; older ones beyond `keep` are deleted. */
export async function saveStep(
  folder: string,
  {
    step,
    write,
    keep = 2,
  }: { step: number; write: (temporary: string) => Promise<void>; keep?: number | undefined },
): Promise<void> {
  const temporary = join(folder, `step-${step}.tmp`)
  await rm(temporary, { recursive: true, force: true })
  try {
    await write(temporary)
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true })
    throw cause
  }
  const path = join(folder, `step-${step}`)
  await rm(path, { recursive: true, force: true })
  await rename(temporary, path)
  await syncFolder(folder)
  for (const old of (await checkpointSteps(folder)).slice(keep)) {
    await rm(join(folder, `step-${old}`), { recursive: true, force: true })
  }
}

async function writeState(
  folder: string,
  { step, state }: { step: number; state: TrainingState },
): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw fileError(folder, cause)
  })
  for (const [name, { model, optimizer }] of Object.entries(state.models)) {
    await saveModel(join(folder, name), model)
    await writeSafetensors(join(folder, `${name}-optimizer.safetensors`), optimizer.state())
  }
  const numbers = JSON.stringify({ step, numbers: state.numbers() })
  await writeFileAtomic(join(folder, 'trainer_state.json'), [numbers])
}

/** Restores the newest checkpoint into the state and returns its step, or 0 when there is none. */
export async function restoreCheckpoint(folder: string, state: TrainingState): Promise<number> {
  const [step] = await checkpointSteps(folder)
  if (step === undefined) return 0
  const path = join(folder, `step-${step}`)
  for (const [name, { model, optimizer }] of Object.entries(state.models)) {
    const tensors = await readParameters(join(path, name))
    for (const [parameter, array] of Object.entries(model.parameters)) {
      const saved = tensors[parameter]
      if (!saved || saved.data.length !== array.data.length) {
        throw new Error(
          `${path}: parameter '${parameter}' of '${name}' is missing or of another size; was the recipe changed?`,
        )
      }
      array.data.set(saved.data)
    }
    optimizer.restore((await readSafetensors(join(path, `${name}-optimizer.safetensors`))).tensors)
  }
  const { numbers } = await readJson(join(path, 'trainer_state.json'))
  state.restoreNumbers(numbers as Record<string, number>)
  return step
}

/** Steps of the complete checkpoints, newest first. */
export async function checkpointSteps(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a)
}
