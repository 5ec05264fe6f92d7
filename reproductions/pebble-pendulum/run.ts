/**
 * Soft actor-critic with relabelled replay (PEBBLE) on Pendulum, from labels and from the true reward; what has a result is not run again:
 * node --conditions=source --import tsx reproductions/pebble-pendulum/run.ts [seed …]
 */
import {
  disagreementPairs,
  labelSchedule,
  makeEnvironment,
  preferenceComparisons,
  rewardLearner,
  rewardNetwork,
  type SacLearner,
  sacLearner,
  simulatedGatherer,
  stateEntropyReward,
  vectorise,
} from '@attune/control'
import { simulatedAnnotator } from '@attune/feedback'
import { missingSeeds, rounded, writeSeed } from '../shared/seeds.ts'

const iterations = 40
const steps = 200
const labels = 200
const clip = 25

/** One arm of a seed. */
export interface Outcome {
  readonly name: string
  readonly curve: readonly (readonly [steps: number, value: number])[]
  readonly evaluation: number
  readonly seconds: number
}

async function runOnce(seed: number, kind: 'labels' | 'true reward'): Promise<Outcome> {
  const began = performance.now()
  const environments = await vectorise([() => makeEnvironment('Pendulum-v1')], { seed })
  const learner = sacLearner(
    environments,
    {
      seed,
      iterations,
      steps,
      randomSteps: 400,
      batchSize: 128,
      updatesPerStep: 1,
      learningRate: 1e-3,
      gamma: 0.98,
      tau: 0.01,
      hidden: [64, 64],
    },
    { source: `seed${seed}` },
  )
  const curve: [number, number][] = []
  const note = (step: number, metrics: Readonly<Record<string, number>>) =>
    curve.push([step * steps, rounded(metrics['rollout/ep_rew_mean']!, 1)])
  if (kind === 'true reward') {
    for (let step = 1; step <= iterations; step++) {
      const done = await learner.learn(({ rewards }) => rewards.map((reward) => reward / 4))
      note(step, done!.metrics)
    }
  } else {
    const rewards = rewardLearner(environments, rewardNetwork(environments), {
      seed,
      length: clip,
      learningRate: 1e-3,
      batchSize: 32,
      firstUpdates: 200,
      updates: 50,
      lapse: 0.1,
      weightDecay: 1e-4,
    })
    const loop = preferenceComparisons(
      {
        policy: { ...learner, close: async () => {} }, // it is evaluated after the loop
        fragmenter: disagreementPairs(rewards, { seed, length: clip }),
        gatherer: simulatedGatherer(simulatedAnnotator('oracle', { temperature: 0, lapseRate: 0 }), { seed }),
        rewards,
        beforeLabels: stateEntropyReward(3),
      },
      {
        schedule: [0, 0, ...labelSchedule(labels, { iterations: iterations - 2 })],
        firstLabels: 0,
        recent: 10,
      },
    )
    for await (const { step, metrics } of loop) note(step, metrics)
    await rewards.dispose()
  }
  const evaluation = await evaluateGreedy(learner, seed)
  await learner.close()
  const seconds = Math.round((performance.now() - began) / 1000)
  return { name: kind === 'labels' ? `${labels} labels` : kind, curve, evaluation, seconds }
}

/** Mean return of 20 episodes with the likeliest actions. */
async function evaluateGreedy(learner: SacLearner, seed: number): Promise<number> {
  const environments = await vectorise(Array.from({ length: 20 }, () => () => makeEnvironment('Pendulum-v1')))
  let observations = await environments.reset(1_000_000 + seed)
  let total = 0
  for (let t = 0; t < 200; t++) {
    const step = await environments.step(await learner.greedy(observations))
    observations = step.observations
    total += step.rewards.reduce((a, b) => a + b, 0) / 20
  }
  return rounded(total, 1)
}

for (const seed of missingSeeds(import.meta.url)) {
  const outcomes: Outcome[] = []
  for (const kind of ['labels', 'true reward'] as const) {
    outcomes.push(await runOnce(seed, kind))
    const { name, evaluation, seconds } = outcomes.at(-1)!
    console.log(`seed ${seed}, ${name}: ${evaluation} in ${seconds} s`)
  }
  writeSeed(import.meta.url, seed, outcomes)
}
