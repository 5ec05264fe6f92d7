import {
  type Clip,
  disagreementPairs,
  type EnvironmentMaker,
  evaluate,
  labelSchedule,
  mlpActorCritic,
  type Policy,
  type PpoOptions,
  ppo,
  ppoLearner,
  preferenceComparisons,
  randomPairs,
  rewardLearner,
  rewardNetwork,
  rewardScaler,
  runningMoments,
  simulatedGatherer,
  spaceSize,
  vectorise,
} from '@attune/control'
import { simulatedAnnotator } from '@attune/feedback'
import { adamw, cpu, linearRate } from '@attune/grad'

/** One task with the numbers that PPO solves it with. */
export interface Task {
  readonly make: EnvironmentMaker
  readonly environments: number
  readonly totalSteps: number
  readonly steps: number
  readonly epochs: number
  readonly minibatches: number
  readonly learningRate: number
  readonly gamma: number
  /** Steps of a clip. */
  readonly clip: number
  /** Hidden score of the simulated annotator; the sum of true rewards when it is not given. */
  readonly score?: (clip: Clip) => number
}

/** What a run learns from: the true reward, or labels chosen by disagreement or at random. */
export interface Condition {
  readonly labels: number
  readonly selection: 'none' | 'disagreement' | 'random'
}

/** A run's curve and end. */
export interface Outcome {
  readonly seed: number
  readonly condition: Condition
  /** Mean true return of the episodes that ended in each iteration. */
  readonly curve: readonly { readonly steps: number; readonly labels: number; readonly return: number }[]
  /** Mean return of 20 episodes with the likeliest actions. */
  readonly evaluation: number
  readonly labelsGiven: number
  readonly seconds: number
}

/** Trains on one condition with one seed and evaluates on the true reward. */
export async function runOnce(task: Task, condition: Condition, seed: number): Promise<Outcome> {
  const began = performance.now()
  const environments = await vectorise(
    Array.from({ length: task.environments }, () => task.make),
    { seed },
  )
  const iterations = Math.floor(task.totalSteps / (task.steps * task.environments))
  const policy = makePolicy(task, environments, { seed, iterations })
  const options: PpoOptions = {
    seed,
    iterations,
    steps: task.steps,
    epochs: task.epochs,
    minibatches: task.minibatches,
    gamma: task.gamma,
    lambda: 0.95,
    entropyCoefficient: 0,
    valueCoefficient: 0.5,
    device: cpu({ threads: 1 }),
  }
  const run = { policy, environments, rewardScaler: rewardScaler(task.environments, task.gamma) }
  const records =
    condition.selection === 'none' ? ppo(run, options) : onPreferences(task, condition, { run, options })
  const curve: Outcome['curve'][number][] = []
  for await (const { step, metrics } of records) {
    curve.push({
      steps: step * task.steps * task.environments,
      labels: metrics['labels/given'] ?? 0,
      return: metrics['rollout/ep_rew_mean'] ?? Number.NaN,
    })
    if (process.env.VERBOSE && step % 10 === 0) console.log(step, metrics)
  }
  await environments.close()
  const evaluation = await evaluatePolicy(task, policy, seed)
  const seconds = (performance.now() - began) / 1000
  const labelsGiven = curve.at(-1)!.labels
  return { seed, condition, curve, evaluation, labelsGiven, seconds }
}

function makePolicy(
  task: Task,
  environments: Awaited<ReturnType<typeof vectorise>>,
  { seed, iterations }: { seed: number; iterations: number },
): Policy {
  const network = mlpActorCritic(environments)
  const steps = iterations * task.epochs * task.minibatches
  return {
    network,
    parameters: network.initial(seed),
    optimizer: adamw({
      learningRate: linearRate({ from: task.learningRate, steps }),
      epsilon: 1e-5,
      maxGradientNorm: 0.5,
    }),
    observations: runningMoments(spaceSize(environments.observationSpace)),
  }
}

function onPreferences(
  task: Task,
  condition: Condition,
  { run, options }: { run: Parameters<typeof ppoLearner>[0]; options: PpoOptions },
) {
  const { seed } = options
  const rewards = rewardLearner(run.environments, rewardNetwork(run.environments), {
    seed,
    length: task.clip,
    learningRate: 1e-3,
    batchSize: 32,
    firstUpdates: 200,
    updates: 40,
    lapse: 0.1,
    weightDecay: 1e-4,
  })
  const cutting = { seed, length: task.clip }
  return preferenceComparisons(
    {
      policy: ppoLearner(run, options, { source: `seed${seed}` }),
      fragmenter:
        condition.selection === 'random' ? randomPairs(cutting) : disagreementPairs(rewards, cutting),
      gatherer: simulatedGatherer(simulatedAnnotator('oracle', { temperature: 0, lapseRate: 0 }), {
        seed,
        score: task.score,
      }),
      rewards,
    },
    { schedule: labelSchedule(condition.labels, { iterations: options.iterations }), firstLabels: 1 },
  )
}

async function evaluatePolicy({ make }: Task, policy: Policy, seed: number): Promise<number> {
  const environments = await vectorise(Array.from({ length: 10 }, () => make))
  const { returns } = await evaluate(policy, environments, { episodes: 20, seed: 1_000_000 + seed })
  await environments.close()
  return returns.reduce((a, b) => a + b, 0) / returns.length
}
