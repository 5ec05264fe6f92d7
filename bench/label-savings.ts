/**
 * How many comparisons each order needs for the same accuracy, on a simulated task: linear rewards over features, pairs in
 * clusters, annotators with Bradley–Terry noise. An ensemble is fitted after each batch and orders the rest.
 *   usage: node --conditions=source --import tsx bench/label-savings.ts
 */
import {
  ensembleDisagreement,
  kCentreOrder,
  mean,
  orderByValue,
  scoreUncertainty,
  uniformOrder,
} from '@attune/feedback'
import { randomKey } from '@attune/grad'

const features = 12
const pool = 1200
const held = 1000
const batch = 20
const most = 400
const members = 5
const seeds = 8
const target = 0.95

type Pair = { readonly difference: readonly number[]; readonly vectors: readonly (readonly number[])[] }

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((total, x, i) => total + x * b[i]!, 0)
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

function task(seed: number) {
  const random = randomKey(seed, 'label-savings')
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
  const vector = (scale: number) => Array.from({ length: features }, () => scale * normal())
  const truth = vector(1)
  // Nine pairs of ten lie in one narrow cluster, as prompts of one kind do.
  const centre = vector(1)
  const pair = (common: boolean): Pair => {
    const scale = common ? 0.35 : 1
    const vectors = [vector(scale), vector(scale)].map((v) => v.map((x, i) => x + (common ? centre[i]! : 0)))
    return { vectors, difference: vectors[0]!.map((x, i) => x - vectors[1]![i]!) }
  }
  const pairs = Array.from({ length: pool }, (_, i) => pair(i % 10 !== 0))
  const tests = Array.from({ length: held }, () => pair(false))
  const answers = pairs.map(({ difference }) => random.uniform() < sigmoid(2 * dot(truth, difference)))
  return { truth, pairs, tests, answers }
}

/** Logistic regression on differences, by gradient descent with a small decay. */
function fit(rows: readonly { readonly difference: readonly number[]; readonly first: boolean }[]): number[] {
  const weights = new Array<number>(features).fill(0)
  for (let step = 0; step < 150; step++) {
    const gradient = weights.map((w) => 0.01 * w)
    for (const { difference, first } of rows) {
      const error = sigmoid(dot(weights, difference)) - Number(first)
      difference.forEach((x, i) => {
        gradient[i]! += (error * x) / rows.length
      })
    }
    gradient.forEach((g, i) => {
      weights[i]! -= g
    })
  }
  return weights
}

const strategies = ['uniform', 'uncertainty', 'disagreement', 'diversity'] as const

/** Accuracy on held-out pairs after each batch. */
function curve(seed: number, strategy: (typeof strategies)[number]): number[] {
  const { truth, pairs, tests, answers } = task(seed)
  const random = randomKey(seed, 'ensemble')
  const diverse =
    strategy === 'diversity'
      ? kCentreOrder(
          pairs.map(({ difference }) => new Map(difference.map((x, i) => [i, x]))),
          { count: most },
        )
      : []
  const asked = uniformOrder(pool, seed).slice(0, batch)
  if (strategy === 'diversity') asked.splice(0, batch, ...diverse.slice(0, batch))
  const accuracies: number[] = []
  for (;;) {
    const rows = asked.map((i) => ({ difference: pairs[i]!.difference, first: answers[i]! }))
    const model = fit(rows)
    const right = tests.filter(({ difference }) => dot(model, difference) > 0 === dot(truth, difference) > 0)
    accuracies.push(right.length / held)
    if (asked.length >= most) return accuracies
    const rest = pairs.map((_, i) => i).filter((i) => !asked.includes(i))
    const scored = (weights: readonly number[], i: number) => pairs[i]!.vectors.map((v) => dot(weights, v))
    const ensemble =
      strategy === 'disagreement'
        ? Array.from({ length: members }, () => fit(rows.map(() => rows[random.int(rows.length)]!)))
        : []
    const value = {
      uniform: () => 0,
      uncertainty: (i: number) => scoreUncertainty(scored(model, i)),
      disagreement: (i: number) =>
        ensembleDisagreement([0, 1].map((c) => ensemble.map((weights) => scored(weights, i)[c]!))),
      diversity: (i: number) => -diverse.indexOf(i) - (diverse.includes(i) ? 0 : most),
    }[strategy]
    const order = orderByValue(rest.map(value), seed, asked.length)
    asked.push(...order.slice(0, batch).map((place) => rest[place]!))
  }
}

console.log(
  `labels to ${target * 100} % accuracy on held-out pairs, mean of ${seeds} seeds (at most ${most})`,
)
for (const strategy of strategies) {
  const curves = Array.from({ length: seeds }, (_, seed) => curve(seed, strategy))
  const needed = curves.map((accuracies) => {
    const place = accuracies.findIndex((accuracy) => accuracy >= target)
    return place < 0 ? most : (place + 1) * batch
  })
  const at = (labels: number) => mean(curves.map((accuracies) => accuracies[labels / batch - 1]!))
  console.log(
    `${strategy.padEnd(13)} ${mean(needed).toFixed(0).padStart(4)} labels; accuracy at 100: ${at(100).toFixed(3)}, at 400: ${at(400).toFixed(3)}`,
  )
}
