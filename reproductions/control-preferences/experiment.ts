import {
  convolutionalActorCritic,
  disagreementPairs,
  evaluate,
  labelSchedule,
  makeEnvironment,
  mlpActorCritic,
  type Policy,
  type PpoOptions,
  ppo,
  ppoLearner,
  preferenceComparisons,
  type Rollout,
  randomPairs,
  rewardLearner,
  rewardNetwork,
  rewardScaler,
  runningMoments,
  simulatedGatherer,
  spaceSize,
  type VectorEnvironment,
  vectorise,
} from '@attune/control'
import { simulatedAnnotator } from '@attune/feedback'
import { adamw, cpu, linearRate } from '@attune/grad'
import { meanOf, rounded } from '../shared/seeds.ts'
import type { Arm, Task } from './tasks.ts'

/** A run's curve and end. */
export interface Outcome {
  /** Every so many iterations: steps of the agent, labels so far, mean true return since the point before. */
  readonly curve: readonly (readonly [steps: number, labels: number, value: number | null])[]
  /** Mean return of 20 episodes: the likeliest actions, or for games drawn ones. */
  readonly evaluation: number
  readonly agentSteps: number
  readonly labels: number
  /** Labels that prefer neither clip. */
  readonly ties: number
  /** Labels, and steps in the clips of the labels, for each step of the agent. */
  readonly labelShare: number
  readonly shownShare: number
  /** Share of unseen pairs that a member orders as labelled, at the end. */
  readonly rewardAccuracy: number | null
  /** Wall time of the training, and processor time of all threads together. */
  readonly seconds: number
  readonly processorSeconds: number
}

/** Trains one task by one arm, and evaluates on the true reward. */
export async function runOnce(task: Task, arm: Arm, run: number): Promise<Outcome> {
  const seed = 100 * run // environment i takes seed + i: no two runs share one
  const [began, used] = [performance.now(), processorSeconds()]
  const environments = await vectorise(
    Array.from({ length: task.environments }, () => task.make),
    { seed },
  )
  const iterations = Math.floor(task.totalSteps / (task.steps * task.environments))
  const policy = makePolicy(task, environments, { seed, iterations })
  const options = ppoOptions(task, { seed, iterations })
  const roles = { policy, environments, rewardScaler: rewardScaler(task.environments, task.gamma) }
  const records =
    arm.selection === 'none' ? onTaskReward(roles, options) : onLabels(task, arm, { run: roles, options })
  const curve: [number, number, number | null][] = []
  let last: Readonly<Record<string, number>> = {}
  let ties = 0
  let since: Rollout[] = []
  const every = Math.max(1, Math.ceil(iterations / 60))
  for await (const { step, metrics, rollout, ties: more = 0 } of records) {
    last = metrics
    ties += more
    since.push(rollout)
    if (step % every !== 0 && step !== iterations) continue
    const value = meanReturn(task, since)
    curve.push([
      step * task.steps * task.environments,
      metrics['labels/given'] ?? 0,
      value === null ? null : rounded(value, 2),
    ])
    since = []
  }
  await environments.close()
  const times = {
    seconds: Math.round((performance.now() - began) / 1000),
    processorSeconds: Math.round(processorSeconds() - used),
  }
  const agentSteps = iterations * task.steps * task.environments
  const labels = last['labels/given'] ?? 0
  return {
    curve,
    evaluation: rounded(await evaluation(task, policy, seed), 2),
    agentSteps,
    labels,
    ties,
    labelShare: rounded(labels / agentSteps, 6),
    shownShare: rounded((2 * task.clip * labels) / agentSteps, 4),
    rewardAccuracy: last['reward/validation_accuracy'] ?? null,
    ...times,
  }
}

function makePolicy(
  task: Task,
  environments: VectorEnvironment,
  { seed, iterations }: { seed: number; iterations: number },
): Policy {
  const network = task.game ? convolutionalActorCritic(environments) : mlpActorCritic(environments)
  const steps = iterations * task.epochs * task.minibatches
  return {
    network,
    parameters: network.initial(seed),
    optimizer: adamw({
      learningRate: linearRate({ from: task.learningRate, steps }),
      epsilon: 1e-5,
      maxGradientNorm: 0.5,
    }),
    ...(!task.game && { observations: runningMoments(spaceSize(environments.observationSpace)) }),
  }
}

function ppoOptions(task: Task, { seed, iterations }: { seed: number; iterations: number }): PpoOptions {
  return {
    seed,
    iterations,
    steps: task.steps,
    epochs: task.epochs,
    minibatches: task.minibatches,
    gamma: task.gamma,
    lambda: 0.95,
    entropyCoefficient: task.entropy,
    valueCoefficient: 0.5,
    device: cpu({ threads: 1 }),
  }
}

type Run = Parameters<typeof ppoLearner>[0]

interface Step {
  readonly step: number
  readonly metrics: Readonly<Record<string, number>>
  readonly rollout: Rollout
  readonly ties?: number
}

function onTaskReward(run: Run, options: PpoOptions): AsyncIterable<Step> {
  return ppo(run, options)
}

async function* onLabels(
  task: Task,
  arm: Arm,
  { run, options }: { run: Run; options: PpoOptions },
): AsyncGenerator<Step> {
  const { seed } = options
  const rewards = rewardLearner(run.environments, rewardNetwork(run.environments), {
    seed,
    length: task.clip,
    learningRate: 1e-3,
    batchSize: 32,
    firstUpdates: 500,
    updates: task.rewardUpdates,
    lapse: 0.1,
    weightDecay: 1e-4,
  })
  const cutting = { seed, length: task.clip }
  const loop = preferenceComparisons(
    {
      policy: ppoLearner(run, options, { source: `seed${seed}` }),
      fragmenter: arm.selection === 'random' ? randomPairs(cutting) : disagreementPairs(rewards, cutting),
      gatherer: simulatedGatherer(simulatedAnnotator('oracle', { temperature: 0, lapseRate: 0 }), { seed }),
      rewards,
    },
    { schedule: labelSchedule(arm.labels, { iterations: options.iterations }), firstLabels: 1 },
  )
  for await (const { step, metrics, recorded, judgments } of loop) {
    const ties = judgments.filter(
      (judgment) => 'preferred' in judgment && judgment.preferred === 'tie',
    ).length
    yield { step, metrics, rollout: recorded.rollout, ties }
  }
  await rewards.dispose()
}

/** Mean return of episodes, or score of games, that ended in the rollouts; null when none did. */
function meanReturn(task: Task, rollouts: readonly Rollout[]): number | null {
  if (!task.game) {
    const returns = rollouts.flatMap(({ episodes }) => episodes.map((episode) => episode.return))
    return returns.length === 0 ? null : meanOf(returns)
  }
  const games = sum(rollouts.flatMap(({ infos }) => infos.flat().map((info) => info?.over ?? 0)))
  return games === 0 ? null : sum(rollouts.map(({ rewards }) => sum(rewards))) / games
}

async function evaluation({ make, game }: Task, policy: Policy, seed: number): Promise<number> {
  const environments = await vectorise(
    Array.from({ length: 10 }, () => (game ? () => makeEnvironment(game) : make)),
  )
  const greedy = game === undefined
  const { returns } = await evaluate(policy, environments, { episodes: 20, seed: 1_000_000 + seed, greedy })
  await environments.close()
  return meanOf(returns)
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]!
  return total
}
