import { type Parameters, type Random, randomKey } from '@attune/grad'
import { type Space, spaceSize } from '../envs/space.ts'
import type { VectorEnvironment } from '../envs/vector.ts'
import type { RolloutReward } from '../learn/ppo-options.ts'
import { episodeMetrics, recordRollout } from '../learn/record.ts'
import type { PolicyLearner } from '../preferences/policy-learner.ts'
import { type Replay, replay } from './replay.ts'

/** What learns from a replay buffer: it acts, and is updated on batches of what happened. */
export interface ReplayAgent {
  /** Actions [N, action] as environments take them: drawn, after `taken` steps in all, or without a draw the likeliest. */
  readonly act: (
    observations: Float32Array,
    draw?: { readonly random: Random; readonly taken: number },
  ) => Promise<Float32Array>
  /** Before the first step, when there is something to learn from. */
  readonly prepare?: () => Promise<void>
  /** One update; returns losses by name. */
  readonly update: (buffer: Replay, random: Random) => Promise<Readonly<Record<string, number>>>
  /** More to tell after every iteration. */
  readonly metrics: (taken: number) => Readonly<Record<string, number>>
  /** Everything that updates change, live. */
  readonly tensors: () => Parameters
  /** Takes back what `tensors` gave, by copy. */
  readonly restore: (saved: Parameters) => void
  readonly dispose: () => Promise<void>
}

/** Numbers of a learner by replay. */
export interface ReplayLearnerOptions {
  readonly seed: number
  readonly iterations: number
  /** Steps of each environment in an iteration. */
  readonly steps: number
  /** Steps in all environments together with random actions, before the first update. */
  readonly randomSteps: number
  /** Updates after each step of all environments together. */
  readonly updatesPerStep: number
  readonly batchSize: number
  /** Transitions that the buffer holds; all of them when not given. */
  readonly replaySize?: number | undefined
}

/** A policy learner by replay: it can be asked for greedy actions, saved, and gone on with. */
export interface ReplayLearner extends PolicyLearner {
  /** Likeliest actions [B, action] of observations [B, observation]. */
  readonly greedy: (observations: Float32Array) => Promise<Float32Array>
  readonly state: () => ReplayState
  /** Goes on from a saved state; the environments stand at `observations` [N, observation]. */
  readonly restore: (state: ReplayState, observations: Float32Array) => void
}

/** All that a learner's iterations change, besides its environments: weights, optimisers and the replay buffer. */
export interface ReplayState {
  readonly iteration: number
  readonly tensors: Parameters
}

/**
 * Acts, keeps what happened, and updates the agent on batches of it. All rewards in the buffers are told anew at every iteration,
 * for a learnt reward may have changed (PEBBLE, Lee et al. 2021); without a reward it only acts. `source` names its rollouts;
 * `drawable` keeps what is needed to draw clips for people; `known` are transitions that were there before.
 */
export function replayLearner(
  environments: VectorEnvironment,
  agent: ReplayAgent,
  options: ReplayLearnerOptions,
  {
    source,
    drawable = false,
    known,
  }: { readonly source: string; readonly drawable?: boolean; readonly known?: Replay | undefined },
): ReplayLearner {
  const { actionSpace, observationSpace, count } = environments
  const sizes = { observationSize: spaceSize(observationSpace), actionSize: spaceSize(actionSpace) }
  const buffer = replay(options.replaySize ?? options.iterations * options.steps * count, sizes)
  let iteration = 0
  let observations: Float32Array | undefined

  /** One step in every environment, and the updates after it. */
  const advance = async (t: number, recorder: Recorder, reward: RolloutReward | undefined) => {
    const random = randomKey(options.seed, 'act', iteration, t)
    const blind = buffer.added() < options.randomSteps
    const actions = blind
      ? randomActions(actionSpace, count, random)
      : await agent.act(observations!, { random, taken: buffer.added() })
    const step = await environments.step(actions)
    recorder.write(t, observations!, actions, step)
    for (const transition of recorder.transitions(t)) buffer.add(transition)
    observations = step.observations
    if (!reward) return []
    if (t % 16 === 15 || t === options.steps - 1) await buffer.relabel(reward, 'new')
    if (blind || buffer.labelled() < options.batchSize) return []
    const losses: Readonly<Record<string, number>>[] = []
    for (let i = 0; i < options.updatesPerStep; i++) {
      const loss = await agent.update(buffer, randomKey(options.seed, 'update', iteration, t, i))
      losses.push(checkedLosses(loss, iteration))
    }
    return losses
  }

  return {
    state: () => ({ iteration, tensors: { ...agent.tensors(), ...buffer.tensors() } }),
    restore: (saved, now) => {
      agent.restore(saved.tensors)
      buffer.restore(saved.tensors)
      iteration = saved.iteration
      observations = now
    },
    greedy: (rows) => agent.act(rows),
    learn: async (reward) => {
      if (iteration === options.iterations) return undefined
      if (iteration === 0) await agent.prepare?.()
      iteration++
      observations ??= await environments.reset(options.seed)
      const start = drawable ? await environments.state() : undefined
      if (reward) {
        await buffer.relabel(reward, 'all')
        await known?.relabel((steps) => reward(steps, true), 'all')
      }
      const began = performance.now()
      const recorder = recordRollout(options.steps, count, sizes)
      const losses: Readonly<Record<string, number>>[] = []
      for (let t = 0; t < options.steps; t++) losses.push(...(await advance(t, recorder, reward)))
      const rollout = recorder.rollout()
      return {
        recorded: { source: `${source}-i${iteration}`, rollout, ...(start && { start }) },
        metrics: {
          ...episodeMetrics(rollout),
          ...meansOf(losses),
          'train/updates': losses.length,
          ...agent.metrics(buffer.added()),
          'time/total_timesteps': iteration * options.steps * count,
          'time/fps': Math.round((1000 * options.steps * count) / (performance.now() - began)),
        },
      }
    },
    close: agent.dispose,
  }
}

type Recorder = ReturnType<typeof recordRollout>

/** Actions [N, action], each equally likely. */
function randomActions(space: Space, count: number, { uniform, int }: Random): Float32Array {
  if (space.kind === 'discrete') return Float32Array.from({ length: count }, () => int(space.n))
  const { low, high } = space
  return Float32Array.from({ length: count * low.length }, (_, i) => {
    const [least, most] = [low[i % low.length]!, high[i % low.length]!]
    return least + uniform() * (most - least)
  })
}

function checkedLosses(losses: Readonly<Record<string, number>>, iteration: number) {
  for (const [name, loss] of Object.entries(losses))
    if (!Number.isFinite(loss))
      throw new RangeError(
        `${name} in iteration ${iteration} is ${loss}: lower the learning rate, or look at the rewards`,
      )
  return losses
}

function meansOf(rows: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = Object.keys(rows[0] ?? {})
  return Object.fromEntries(
    names.map((name) => [name, rows.reduce((sum, row) => sum + row[name]!, 0) / rows.length]),
  )
}
