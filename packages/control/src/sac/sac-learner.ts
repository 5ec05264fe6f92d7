import { type Parameters, randomKey } from '@attune/grad'
import { spaceSize } from '../envs/space.ts'
import type { VectorEnvironment } from '../envs/vector.ts'
import type { PolicyLearner } from '../preferences/policy-learner.ts'
import { boundedBox, fromUnit } from './actor.ts'
import { sacAgent } from './agent.ts'
import type { SacOptions } from './options.ts'
import { sacNetworks } from './programs.ts'
import { recordRollout } from './record.ts'
import { replay } from './replay.ts'

/** A learner by replay whose greedy actions can be asked for. */
export interface SacLearner extends PolicyLearner {
  /** Likeliest actions [B, action] of observations [B, observation]. */
  readonly greedy: (observations: Float32Array) => Promise<Float32Array>
  /** Live weights of the actor, as `sacActor` takes them. */
  readonly actor: Parameters
  readonly state: () => SacState
  /** Goes on from a saved state; the environments stand at `observations` [N, observation]. */
  readonly restore: (state: SacState, observations: Float32Array) => void
}

/** All that a learner's iterations change, besides its environments: weights, optimisers and the replay buffer. */
export interface SacState {
  readonly iteration: number
  readonly tensors: Parameters
}

/**
 * Soft actor-critic with a temperature that is learnt (Haarnoja et al. 2018) as the policy learner of PEBBLE (Lee et al. 2021): all
 * rewards in its replay buffer are told anew at every iteration, for the reward model has changed. Needs a bounded box of actions.
 * `source` names its rollouts; `replay` keeps what is needed to draw clips for people.
 */
export function sacLearner(
  environments: VectorEnvironment,
  options: SacOptions,
  { source, replay: drawable = false }: { readonly source: string; readonly replay?: boolean },
): SacLearner {
  const { actionSpace, observationSpace, count } = environments
  const { low, high } = boundedBox(actionSpace, environments.id)
  const sizes = { observationSize: spaceSize(observationSpace), actionSize: spaceSize(actionSpace) }
  const networks = sacNetworks(sizes, options.hidden)
  const agent = sacAgent(networks, options)
  const buffer = replay(options.iterations * options.steps * count, sizes)
  const toBox = (unit: Float32Array) =>
    unit.map((x, i) => fromUnit(x, low[i % low.length]!, high[i % low.length]!))
  const toUnit = (taken: Float32Array) =>
    taken.map((x, i) => (2 * (x - low[i % low.length]!)) / (high[i % low.length]! - low[i % low.length]!) - 1)
  let iteration = 0
  let observations: Float32Array | undefined
  return {
    actor: agent.actor,
    state: () => ({ iteration, tensors: { ...agent.tensors(), ...buffer.tensors() } }),
    restore: (saved, now) => {
      agent.restore(saved.tensors)
      buffer.restore(saved.tensors)
      iteration = saved.iteration
      observations = now
    },
    greedy: async (rows) => toBox(await agent.act(rows, undefined)),
    learn: async (reward) => {
      if (iteration === options.iterations) return undefined
      iteration++
      observations ??= await environments.reset(options.seed)
      const start = drawable ? await environments.state() : undefined
      if (reward) await buffer.relabel(reward, 0)
      const began = performance.now()
      const recorder = recordRollout(options.steps, count, sizes)
      const total = { updates: 0, critic: 0, actor: 0 }
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
        if (!reward) continue
        if (t % 16 === 15 || t === options.steps - 1) await buffer.relabel(reward, buffer.labelled())
        if (blind || buffer.labelled() < options.batchSize) continue
        for (let i = 0; i < options.updatesPerStep; i++) {
          const losses = await agent.update(
            buffer,
            toUnit,
            randomKey(options.seed, 'update', iteration, t, i),
          )
          checkLosses(losses, iteration)
          total.updates++
          total.critic += losses.critic
          total.actor += losses.actor
        }
      }
      return {
        recorded: {
          source: `${source}-i${iteration}`,
          rollout: recorder.rollout(),
          ...(start && { start }),
        },
        metrics: {
          ...recorder.metrics(),
          ...lossMeans(total),
          'train/ent_coef': agent.alpha(),
          'time/total_timesteps': iteration * options.steps * count,
          'time/fps': Math.round((1000 * options.steps * count) / (performance.now() - began)),
        },
      }
    },
    close: agent.dispose,
  }
}

interface LossTotals {
  readonly updates: number
  readonly critic: number
  readonly actor: number
}

function lossMeans({ updates, critic, actor }: LossTotals): Record<string, number> {
  const means = { 'train/critic_loss': critic / updates, 'train/actor_loss': actor / updates }
  return { ...(updates > 0 && means), 'train/updates': updates }
}

function checkLosses(losses: Readonly<Record<string, number>>, iteration: number): void {
  for (const [name, loss] of Object.entries(losses))
    if (!Number.isFinite(loss))
      throw new RangeError(
        `the ${name}'s loss in iteration ${iteration} is ${loss}: lower the learning rate, or look at the rewards`,
      )
}
