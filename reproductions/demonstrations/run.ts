/**
 * Demonstrations and preferences on Freeway (Ibarz et al. 2018), a seed in a process of its own is fine:
 * node --conditions=source --import tsx reproductions/demonstrations/run.ts [seed …]
 */
import { mkdir, writeFile } from 'node:fs/promises'
import {
  categorical,
  cloneBehaviour,
  convolutionalActorCritic,
  type Demonstrations,
  demonstrate,
  disagreementPairs,
  evaluate,
  labelSchedule,
  makeEnvironment,
  type PlayedPolicy,
  type Policy,
  ppoLearner,
  preferenceComparisons,
  rewardLearner,
  rewardNetwork,
  rewardScaler,
  simulatedGatherer,
  type VectorEnvironment,
  vectorise,
  withDemonstrations,
} from '@attune/control'
import { simulatedAnnotator } from '@attune/feedback'
import { adamw, cpu, linearRate } from '@attune/grad'

const game = 'MinAtar/Freeway'
const [environmentCount, steps, iterations] = [8, 256, 100]
const [labels, clip] = [350, 50]

const arms = {
  labels: { title: `${labels} labels`, cloned: false, labelled: true },
  demonstrations: { title: 'demonstrations', cloned: true, labelled: false },
  both: { title: `demonstrations and ${labels} labels`, cloned: true, labelled: true },
} as const

interface Outcome {
  readonly name: string
  readonly curve: readonly (readonly [steps: number, value: number])[]
  readonly evaluation: number
  readonly seconds: number
}

/** Goes up in two steps of three, whatever it sees: the numbers of its head are log-probabilities of none, up and down. */
const upwards: PlayedPolicy = {
  network: {
    distribution: categorical(3),
    acting: () => ({
      forward: () => ({ heads: Float32Array.of(Math.log(1 / 6), Math.log(2 / 3), Math.log(1 / 6)) }),
      dispose: async () => {},
    }),
  },
  parameters: {},
}

async function runOnce(seed: number, name: keyof typeof arms, shown: Demonstrations): Promise<Outcome> {
  const began = performance.now()
  const { title, cloned, labelled } = arms[name]
  const environments = await vectorise(
    Array.from({ length: environmentCount }, () => () => makeEnvironment(game, { maxSteps: 500 })),
    { seed },
  )
  const policy = newPolicy(environments, seed)
  if (cloned) {
    const cloning = { ...policy, optimizer: adamw({ learningRate: 1e-3 }) }
    for await (const _ of cloneBehaviour(cloning, shown.clips, { seed, updates: 500, batchSize: 64 }));
  }
  const curve: [number, number][] = []
  if (labelled)
    for await (const { step, metrics } of learnFromLabels(policy, { environments, seed, cloned, shown }))
      if (step % 5 === 0)
        curve.push([step * steps * environmentCount, rounded(metrics['rollout/ep_rew_mean'] ?? Number.NaN)])
  const evaluation = await scoreOf(policy, seed)
  // what was only cloned does not change while others act
  if (!labelled) for (const at of [5, iterations]) curve.push([at * steps * environmentCount, evaluation / 5])
  return { name: title, curve, evaluation, seconds: Math.round((performance.now() - began) / 1000) }
}

function newPolicy(environments: VectorEnvironment, seed: number): Policy {
  const network = convolutionalActorCritic(environments)
  const learningRate = linearRate({ from: 1e-3, steps: iterations * 4 * 8 })
  const optimizer = adamw({ learningRate, epsilon: 1e-5, maxGradientNorm: 0.5 })
  return { network, parameters: network.initial(seed), optimizer }
}

interface Setting {
  readonly environments: VectorEnvironment
  readonly seed: number
  readonly cloned: boolean
  readonly shown: Demonstrations
}

async function* learnFromLabels(policy: Policy, { environments, seed, cloned, shown }: Setting) {
  const rewards = rewardLearner(environments, rewardNetwork(environments), {
    seed,
    length: clip,
    learningRate: 1e-3,
    batchSize: 32,
    firstUpdates: 200,
    updates: 10,
    lapse: 0.1,
    weightDecay: 1e-4,
  })
  const oracle = simulatedGatherer(simulatedAnnotator('oracle', { temperature: 0, lapseRate: 0 }), { seed })
  const learner = ppoLearner(
    { policy, environments, rewardScaler: rewardScaler(environmentCount, 0.99) },
    {
      seed,
      iterations,
      steps,
      epochs: 4,
      minibatches: 8,
      gamma: 0.99,
      lambda: 0.95,
      entropyCoefficient: 0.01,
      valueCoefficient: 0.5,
      device: cpu({ threads: 1 }),
    },
    { source: `seed${seed}` },
  )
  yield* preferenceComparisons(
    {
      policy: learner,
      fragmenter: disagreementPairs(rewards, { seed, length: clip }),
      gatherer: cloned ? withDemonstrations(oracle, shown.clips, { seed, share: 0.25 }) : oracle,
      rewards,
    },
    { schedule: labelSchedule(labels, { iterations }), firstLabels: 1, clips: shown.clips },
  )
  await rewards.dispose()
}

/** Mean points of 20 whole games, with actions drawn. */
async function scoreOf(policy: PlayedPolicy, seed: number): Promise<number> {
  const environments = await vectorise(Array.from({ length: 10 }, () => () => makeEnvironment(game)))
  const { returns } = await evaluate(policy, environments, {
    episodes: 20,
    seed: 1_000_000 + seed,
    greedy: false,
  })
  return rounded(returns.reduce((a, b) => a + b, 0) / returns.length)
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

const folder = new URL('results/', import.meta.url)
await mkdir(folder, { recursive: true })
const seeds = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 2, 3]
for (const seed of seeds) {
  const shown = await demonstrate(upwards, await makeEnvironment(game), { seed, episodes: 2, length: clip })
  const points = shown.transitions.reduce((sum, { reward }) => sum + reward, 0) / 2
  console.log(`seed ${seed}: the demonstrator has ${points} points a game`)
  const outcomes: Outcome[] = []
  for (const arm of ['demonstrations', 'both', 'labels'] as const) {
    outcomes.push(await runOnce(seed, arm, shown))
    const { name, evaluation, seconds } = outcomes.at(-1)!
    console.log(`seed ${seed}, ${name}: ${evaluation} in ${seconds} s`)
    const saved = { demonstrator: points, outcomes }
    await writeFile(new URL(`seed-${seed}.json`, folder), `${JSON.stringify(saved, null, 1)}\n`)
  }
}
