/**
 * TAMER against Sarsa(λ) on Tetris, in games to competence; what has a result is not run again:
 * node --conditions=source --import tsx reproductions/tamer-tetris/run.ts [seed …]
 */
import {
  wellFeatures as features,
  makeEnvironment,
  sarsa,
  simulatedTrainer,
  tamer,
  trainerTaste,
  uniformDelay,
} from '@attune/control'
import { competence, missingSeeds, writeSeed } from '../shared/seeds.ts'

const maxSteps = 300
const delay = [0.2, 0.6] as const

interface Games {
  readonly rows: readonly number[]
  readonly pieces: readonly number[]
  readonly signals?: readonly number[]
}

async function games(records: AsyncIterable<{ metrics: Readonly<Record<string, number>> }>): Promise<Games> {
  const found = { rows: [] as number[], pieces: [] as number[], signals: [] as number[] }
  for await (const { metrics } of records) {
    found.rows.push(metrics['rollout/return']!)
    found.pieces.push(metrics['rollout/steps']!)
    if ('tamer/signals' in metrics) found.signals.push(metrics['tamer/signals']!)
  }
  const { signals, ...rest } = found
  return signals.length > 0 ? found : rest
}

async function tamerGames(seed: number, error: number): Promise<Games> {
  const environment = await makeEnvironment('Tetris', { maxSteps })
  const values = trainerTaste('Tetris')
  const trainer = simulatedTrainer({ seed, values, attention: 0.5, error, delay, tolerance: 0.5 })
  const run = { environment, features, weights: new Float32Array(features.size), trainer }
  const numbers = { learningRate: 0.3, secondsPerStep: 1, delay: uniformDelay(...delay), memory: 3 }
  return games(tamer(run, { ...numbers, seed, episodes: 20 }))
}

async function sarsaGames(seed: number): Promise<Games> {
  const environment = await makeEnvironment('Tetris', { maxSteps })
  const run = { environment, features, weights: new Float32Array(features.size) }
  return games(sarsa(run, { seed, episodes: 200, alpha: 0.1, gamma: 0.9, lambda: 0.5, epsilon: 0.05 }))
}

/** The first game, from 1, of five in a row that clear twenty rows on average. */
const competentAt = ({ rows }: Games) => competence(rows, 5, (mean) => mean >= 20)

const began = performance.now()
for (const seed of missingSeeds(import.meta.url)) {
  const learners = {
    'TAMER, 5 % wrong signals': await tamerGames(seed, 0.05),
    'TAMER, 20 % wrong signals': await tamerGames(seed, 0.2),
    'Sarsa(0.5), the same features': await sarsaGames(seed),
  }
  const result = Object.fromEntries(
    Object.entries(learners).map(([name, run]) => [name, { competence: competentAt(run), ...run }]),
  )
  writeSeed(import.meta.url, seed, `${JSON.stringify({ seed, result })}\n`)
  for (const [name, { competence: game, rows, pieces, signals }] of Object.entries(result)) {
    const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0)
    const before = pieces.slice(0, game ?? pieces.length)
    const told = signals ? `, ${sum(signals.slice(0, game ?? signals.length))} signals` : ''
    console.log(
      `seed ${seed}: ${name}: competent at game ${game}, after ${sum(before)} pieces${told}; last ten games ${(sum(rows.slice(-10)) / 10).toFixed(1)} rows`,
    )
  }
}
console.log(`${Math.round((performance.now() - began) / 1000)} s`)
