import { adamw, ndarray, type Parameters, type Random, randomKey } from '@attune/grad'
import { spaceSize } from '../envs/space.ts'
import type { VectorEnvironment } from '../envs/vector.ts'
import type { Rollout } from '../learn/rollout.ts'
import type { PolicyLearner } from '../preferences/policy-learner.ts'
import { rewardParameters } from '../preferences/reward-network.ts'
import { type SacNetworks, sacNetworks, sacPrograms } from './programs.ts'
import { type Replay, replay } from './replay.ts'

/** Numbers of soft actor-critic. */
export interface SacOptions {
  readonly seed: number
  readonly iterations: number
  /** Steps of each environment in an iteration. */
  readonly steps: number
  /** Steps with random actions before the first update. */
  readonly randomSteps: number
  readonly batchSize: number
  readonly updatesPerStep: number
  readonly learningRate: number
  readonly gamma: number
  /** Share of the critics that their slow copies take over at each update. */
  readonly tau: number
  readonly hidden: readonly number[]
}

/** A learner by replay whose greedy actions can be asked for. */
export interface SacLearner extends PolicyLearner {
  /** Likeliest actions [B, action] of observations [B, observation]. */
  readonly greedy: (observations: Float32Array) => Promise<Float32Array>
}

/**
 * Soft actor-critic with a temperature that is learnt (Haarnoja et al. 2018) as the policy learner of PEBBLE (Lee et al. 2021): all
 * rewards in its replay buffer are told anew at every iteration, for the reward model has changed. Needs a bounded box of actions.
 */
export function sacLearner(environments: VectorEnvironment, options: SacOptions, source: string): SacLearner {
  const { actionSpace, observationSpace, count } = environments
  if (actionSpace.kind !== 'box') throw new TypeError(`${environments.id}: SAC needs a box of actions`)
  const sizes = { observationSize: spaceSize(observationSpace), actionSize: spaceSize(actionSpace) }
  const networks = sacNetworks(sizes, options.hidden)
  const agent = makeAgent(networks, options)
  const buffer = replay(options.iterations * options.steps * count, sizes)
  const toBox = (unit: Float32Array) =>
    unit.map((x, i) => {
      const at = i % sizes.actionSize
      return actionSpace.low[at]! + ((x + 1) / 2) * (actionSpace.high[at]! - actionSpace.low[at]!)
    })
  const toUnit = (taken: Float32Array) =>
    taken.map((x, i) => {
      const at = i % sizes.actionSize
      return (2 * (x - actionSpace.low[at]!)) / (actionSpace.high[at]! - actionSpace.low[at]!) - 1
    })
  let iteration = 0
  let observations: Float32Array | undefined
  return {
    greedy: async (rows) => toBox(await agent.act(rows, undefined)),
    learn: async (reward) => {
      if (iteration === options.iterations) return undefined
      iteration++
      observations ??= await environments.reset(options.seed)
      await buffer.relabel(reward, 0)
      const recorder = recordRollout(options.steps, count, sizes)
      let updates = 0
      for (let t = 0; t < options.steps; t++) {
        const random = randomKey(options.seed, 'sac', iteration, t)
        const blind = buffer.size() < options.randomSteps
        const unit = blind
          ? Float32Array.from({ length: count * sizes.actionSize }, () => 2 * random.uniform() - 1)
          : await agent.act(observations, random)
        const actions = toBox(unit)
        const step = await environments.step(actions)
        recorder.write(t, observations, actions, step)
        for (const transition of recorder.transitions(t)) buffer.add(transition)
        observations = step.observations
        if (t % 16 === 15 || t === options.steps - 1) await buffer.relabel(reward, buffer.labelled())
        if (blind || buffer.labelled() < options.batchSize) continue
        for (let i = 0; i < options.updatesPerStep; i++) {
          await agent.update(buffer, toUnit, randomKey(options.seed, 'update', iteration, t, i))
          updates++
        }
      }
      return {
        recorded: { source: `${source}-i${iteration}`, rollout: recorder.rollout() },
        metrics: { ...recorder.metrics(), 'train/updates': updates, 'train/alpha': agent.alpha() },
      }
    },
    close: agent.dispose,
  }
}

function makeAgent(networks: SacNetworks, { seed, batchSize, learningRate, gamma, tau }: SacOptions) {
  const programs = sacPrograms(networks, gamma)
  const actor = rewardParameters(networks.actor, seed + 1)
  const critics = rewardParameters(networks.critics, seed + 2)
  const slow: Parameters = Object.fromEntries(
    Object.entries(critics).map(([name, array]) => [name, ndarray(array.data.slice(), array.shape)]),
  )
  const temperature: Parameters = { log_alpha: ndarray([Math.log(0.1)], [1]) }
  const optimizers = {
    actor: adamw({ learningRate }),
    critics: adamw({ learningRate }),
    alpha: adamw({ learningRate }),
  }
  const { actionSize } = networks
  const observationSize = networks.actor.sizes[0]!
  const alpha = () => Math.exp(temperature.log_alpha!.data[0]!)
  const noise = ({ normal }: Random) =>
    ndarray(Float32Array.from({ length: batchSize * actionSize }, normal), [batchSize, actionSize])
  return {
    alpha,
    act: async (rows: Float32Array, random: Random | undefined): Promise<Float32Array> => {
      const shape = [rows.length / observationSize, observationSize]
      const { mean, logStd } = await programs.act(actor, ndarray(rows, shape))
      return Float32Array.from(mean.data, (m, i) =>
        Math.tanh(m + (random ? Math.exp(logStd.data[i]!) * random.normal() : 0)),
      )
    },
    update: async (buffer: Replay, toUnit: (taken: Float32Array) => Float32Array, random: Random) => {
      const rows = buffer.rows(Array.from({ length: batchSize }, () => random.int(buffer.labelled())))
      const observations = ndarray(rows.observations, [batchSize, observationSize])
      const actions = ndarray(toUnit(rows.actions), [batchSize, actionSize])
      const targets = await programs.target(
        actor,
        slow,
        {
          next: ndarray(rows.next, [batchSize, observationSize]),
          noise: noise(random),
          rewards: ndarray(rows.rewards, [batchSize]),
          terminated: ndarray(rows.terminated, [batchSize]),
        },
        alpha(),
      )
      const judged = await programs.critic(critics, { observations, actions, targets })
      optimizers.critics.update(critics, judged.grads)
      const improved = await programs.actor(actor, critics, { observations, noise: noise(random) }, alpha())
      optimizers.actor.update(actor, improved.grads)
      // J(α) = E[−log α (log π + H̄)] with H̄ = −|A|
      const gradient = -(improved.aux.logProb!.data[0]! - actionSize)
      optimizers.alpha.update(temperature, { log_alpha: ndarray([gradient], [1]) })
      for (const [name, { data }] of Object.entries(slow)) {
        const fast = critics[name]!.data
        for (let i = 0; i < data.length; i++) data[i]! += tau * (fast[i]! - data[i]!)
      }
    },
    dispose: async () => {
      for (const program of Object.values(programs)) await program.dispose()
    },
  }
}

/** Writes steps down as a rollout. */
function recordRollout(
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
  type VectorStep = Awaited<ReturnType<VectorEnvironment['step']>>
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
    metrics: (): Record<string, number> =>
      episodes.length === 0
        ? {}
        : {
            'rollout/ep_rew_mean':
              episodes.reduce((sum, episode) => sum + episode.return, 0) / episodes.length,
          },
  }
}
