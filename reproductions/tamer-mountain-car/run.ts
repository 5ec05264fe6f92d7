/**
 * TAMER against Sarsa(λ) on MountainCar, in episodes to competence; what has a result is not run again:
 * node --conditions=source --import tsx reproductions/tamer-mountain-car/run.ts [seed …]
 */
import {
  binFeatures,
  makeEnvironment,
  radialFeatures,
  sarsa,
  simulatedTrainer,
  tamer,
  uniformDelay,
} from '@attune/control'
import { competence, missingSeeds, writeSeed } from '../shared/seeds.ts'

const maxSteps = 1000
const delay = [0.2, 0.6] as const
const secondsPerStep = 0.1

/** The trainer's taste: push the way the car moves. */
const values = ([, velocity]: Float32Array) => [-velocity!, 0, velocity!]

async function tamerLengths(seed: number, error: number): Promise<{ lengths: number[]; signals: number[] }> {
  const environment = await makeEnvironment('MountainCar-v0', { maxSteps })
  const features = radialFeatures(environment.observationSpace, 3)
  const trainer = simulatedTrainer({ seed, values, attention: 0.2, error, delay })
  const run = { environment, features, weights: new Float32Array(features.size), trainer }
  const options = {
    seed,
    episodes: 60,
    learningRate: 0.2,
    secondsPerStep,
    delay: uniformDelay(...delay),
    memory: 2,
  }
  const lengths: number[] = []
  const signals: number[] = []
  for await (const { metrics } of tamer(run, options)) {
    lengths.push(metrics['rollout/steps']!)
    signals.push(metrics['tamer/signals']!)
  }
  return { lengths, signals }
}

async function sarsaLengths(seed: number, kind: 'table' | 'radial'): Promise<{ lengths: number[] }> {
  const environment = await makeEnvironment('MountainCar-v0', { maxSteps })
  const { observationSpace } = environment
  const features =
    kind === 'table' ? binFeatures(observationSpace, 3, 20) : radialFeatures(observationSpace, 3)
  const run = { environment, features, weights: new Float32Array(features.size) }
  const alpha = kind === 'table' ? 0.2 : 0.5
  const options = { seed, episodes: 300, alpha, gamma: 1, lambda: 0.9, epsilon: 0.02 }
  const lengths: number[] = []
  for await (const { metrics } of sarsa(run, options)) lengths.push(metrics['rollout/steps']!)
  return { lengths }
}

/** The first episode, from 1, of five in a row that reach the goal within 160 steps on average. */
const competentAt = (lengths: readonly number[]) => competence(lengths, 5, (mean) => mean <= 160)

for (const seed of missingSeeds(import.meta.url)) {
  const learners = {
    'TAMER, 5 % wrong signals': await tamerLengths(seed, 0.05),
    'TAMER, 20 % wrong signals': await tamerLengths(seed, 0.2),
    'Sarsa(0.9), table 20 × 20': await sarsaLengths(seed, 'table'),
    'Sarsa(0.9), 8 × 8 radial features': await sarsaLengths(seed, 'radial'),
  }
  const result = Object.fromEntries(
    Object.entries(learners).map(([name, run]) => [name, { competence: competentAt(run.lengths), ...run }]),
  )
  writeSeed(import.meta.url, seed, `${JSON.stringify({ seed, result })}\n`)
  for (const [name, { competence: episode, lengths }] of Object.entries(result)) {
    const steps = lengths.slice(0, episode ?? lengths.length).reduce((a, b) => a + b, 0)
    console.log(
      `seed ${seed}: ${name}: competent at episode ${episode}, after ${steps} steps; last ${lengths.slice(-5).join(' ')}`,
    )
  }
}
