import type { Action, Environment, EnvironmentMaker, EnvironmentState } from './environment.ts'
import type { Box, Space } from './space.ts'
import { spaceSize } from './space.ts'

/** An episode that has ended in one of the environments. */
export interface EndedEpisode {
  /** Which environment it was. */
  readonly index: number
  /** Its last observation; the batch already holds the first of the next episode. */
  readonly observation: Float32Array
  readonly terminated: boolean
  /** Sum of its rewards. */
  readonly return: number
  readonly steps: number
}

/** What one action each led to in N environments. */
export interface VectorStep {
  /** [N, observation]: where an episode ended, the first observation of the next. */
  readonly observations: Float32Array
  /** [N] */
  readonly rewards: Float32Array
  /** [N], 0 or 1. */
  readonly terminated: Uint8Array
  /** [N], 0 or 1. */
  readonly truncated: Uint8Array
  readonly ended: readonly EndedEpisode[]
  /** Of every environment, what its step told in passing. */
  readonly infos: readonly (Readonly<Record<string, number>> | undefined)[]
}

/** Where all the environments stand, each in the middle of its episode. */
export interface VectorState {
  /** Name of the environments; states saved by earlier versions have none. */
  readonly id?: string | undefined
  readonly environments: readonly EnvironmentState[]
  readonly observations: readonly (readonly number[])[]
  readonly returns: readonly number[]
  readonly steps: readonly number[]
}

/** N environments of one kind stepped together. */
export interface VectorEnvironment {
  readonly id: string
  readonly count: number
  readonly observationSpace: Box
  readonly actionSpace: Space
  /** Begins an episode everywhere and returns the observations [N, observation]. */
  readonly reset: (seed?: number) => Promise<Float32Array>
  /** Actions [N, action]: the indices of a discrete space, or the numbers of a box. */
  readonly step: (actions: Float32Array) => Promise<VectorStep>
  readonly state: () => Promise<VectorState>
  /** Goes on from a saved state; returns the observations there. */
  readonly restore: (state: VectorState) => Promise<Float32Array>
  readonly close: () => Promise<void>
}

/**
 * Environments as one batch, environment i with seed `seed + i`. An episode that ends is followed by a reset in the same step
 * (Gymnasium's `AutoresetMode.SAME_STEP`): the action after it is already the next episode's, no step is lost, and the last
 * observation, which a truncated episode's value needs, is in `ended`.
 */
export async function vectorise(
  makers: readonly EnvironmentMaker[],
  { seed = 0 }: { readonly seed?: number } = {},
): Promise<VectorEnvironment> {
  const environments = await Promise.all(makers.map((make) => make()))
  return batched(environments, seed)
}

/** As many environments as given, stepped one after another on this thread. */
export function batched(environments: readonly Environment[], seed = 0): VectorEnvironment {
  const first = environments[0]
  if (!first) throw new RangeError('there is no environment to batch')
  const stranger = environments.find(({ id }) => id !== first.id)
  if (stranger) throw new TypeError(`'${stranger.id}' cannot be batched with '${first.id}'`)
  const { observationSpace, actionSpace } = first
  const width = spaceSize(observationSpace)
  const actionAt = actionReader(actionSpace)
  const count = environments.length
  const returns = new Float64Array(count)
  const steps = new Float64Array(count)
  const observations = new Float32Array(count * width)

  const reset = (newSeed?: number): Float32Array => {
    environments.forEach((environment, i) => {
      observations.set(environment.reset(newSeed === undefined ? undefined : newSeed + i), i * width)
    })
    returns.fill(0)
    steps.fill(0)
    return observations.slice()
  }
  const step = (actions: Float32Array): VectorStep => {
    checkActions(actions, { id: first.id, count, actionSpace })
    const rewards = new Float32Array(count)
    const terminated = new Uint8Array(count)
    const truncated = new Uint8Array(count)
    const ended: EndedEpisode[] = []
    const infos = environments.map((environment, i) => {
      const result = environment.step(actionAt(actions, i))
      rewards[i] = result.reward
      terminated[i] = Number(result.terminated)
      truncated[i] = Number(result.truncated)
      returns[i]! += result.reward
      steps[i]!++
      let { observation } = result
      if (result.terminated || result.truncated) {
        ended.push({
          index: i,
          observation,
          terminated: result.terminated,
          return: returns[i]!,
          steps: steps[i]!,
        })
        observation = environment.reset()
        returns[i] = steps[i] = 0
      }
      observations.set(observation, i * width)
      return result.info
    })
    return { observations: observations.slice(), rewards, terminated, truncated, ended, infos }
  }
  let seeded = false
  return {
    id: first.id,
    count,
    observationSpace,
    actionSpace,
    reset: async (newSeed) => {
      const chosen = newSeed ?? (seeded ? undefined : seed)
      seeded = true
      return reset(chosen)
    },
    step: async (actions) => step(actions),
    ...saving(environments, { observations, returns, steps }, () => {
      seeded = true
    }),
    close: async () => {
      for (const environment of environments) environment.close?.()
    },
  }
}

/** Where the batch stands, apart from its environments. */
interface Progress {
  readonly observations: Float32Array
  readonly returns: Float64Array
  readonly steps: Float64Array
}

function saving(
  environments: readonly Environment[],
  { observations, returns, steps }: Progress,
  restored: () => void,
): Pick<VectorEnvironment, 'state' | 'restore'> {
  const { length: count, 0: first } = environments
  const { id } = first!
  const width = observations.length / count
  return {
    state: async () => ({
      id,
      environments: environments.map(savedState),
      observations: environments.map((_, i) => [...observations.subarray(i * width, (i + 1) * width)]),
      returns: [...returns],
      steps: [...steps],
    }),
    restore: async (saved) => {
      checkState(saved, { id, count })
      restored()
      environments.forEach((environment, i) => {
        if (!environment.restore) throw cannotSave(environment)
        environment.restore(saved.environments[i]!)
        observations.set(saved.observations[i]!, i * width)
      })
      returns.set(saved.returns)
      steps.set(saved.steps)
      return observations.slice()
    },
  }
}

/** Throws unless the numbers are one action for each of the environments. */
export function checkActions(
  actions: Float32Array,
  { id, count, actionSpace }: Pick<VectorEnvironment, 'id' | 'count' | 'actionSpace'>,
): void {
  const size = spaceSize(actionSpace)
  if (actions.length !== count * size)
    throw new RangeError(
      `${id}: the actions have ${actions.length} numbers, expected ${count} environments × ${size}`,
    )
}

/** Throws unless the saved state is one of as many environments of this kind. */
export function checkState(saved: VectorState, { id, count }: Pick<VectorEnvironment, 'id' | 'count'>): void {
  if (saved.id !== undefined && saved.id !== id)
    throw new TypeError(`the saved state is one of ${saved.id}, the environments are ${id}`)
  if (saved.environments.length !== count)
    throw new RangeError(
      `the saved state has ${saved.environments.length} environments, there are ${count} of ${id}`,
    )
}

/** Reads the i-th of N actions from their array. */
function actionReader(space: Space): (actions: Float32Array, i: number) => Action {
  if (space.kind === 'discrete') return (actions, i) => actions[i]!
  const width = spaceSize(space)
  return (actions, i) => actions.subarray(i * width, (i + 1) * width)
}

function savedState(environment: Environment): EnvironmentState {
  if (!environment.state) throw cannotSave(environment)
  return environment.state()
}

function cannotSave({ id }: Environment): Error {
  return new TypeError(`${id} cannot save its state: it has no 'state' and 'restore'`)
}
