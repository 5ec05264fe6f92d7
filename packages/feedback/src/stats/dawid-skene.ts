import type { Answer } from './agreement.ts'

/** What Dawid and Skene's model says about items and annotators. */
export interface CrowdTruth {
  readonly classes: readonly string[]
  /** Posterior of each class for each item. */
  readonly posterior: ReadonlyMap<string, readonly number[]>
  /** The likeliest class of each item. */
  readonly labels: ReadonlyMap<string, string>
  /** confusion[k][l]: P(answer l | true class k) of each annotator. */
  readonly confusion: ReadonlyMap<string, readonly (readonly number[])[]>
  readonly prior: readonly number[]
}

/**
 * True classes and annotators' confusion matrices of greatest likelihood by EM (Dawid & Skene 1979), begun at the vote's shares.
 * `smoothing` is added to each count of a confusion matrix, so that one answer never makes certainty.
 */
export function dawidSkene(
  answers: readonly Answer[],
  {
    iterations = 200,
    tolerance = 1e-7,
    smoothing = 0.01,
  }: { iterations?: number; tolerance?: number; smoothing?: number } = {},
): CrowdTruth {
  const classes = [...new Set(answers.map(({ value }) => String(value)))].sort()
  const items = [...new Set(answers.map(({ item }) => item))]
  const annotators = [...new Set(answers.map(({ annotator }) => annotator))]
  const itemIndex = new Map(items.map((item, i) => [item, i]))
  const annotatorIndex = new Map(annotators.map((annotator, i) => [annotator, i]))
  const classIndex = new Map(classes.map((name, i) => [name, i]))
  const votes = answers.map(({ item, annotator, value }) => ({
    item: itemIndex.get(item)!,
    annotator: annotatorIndex.get(annotator)!,
    value: classIndex.get(String(value))!,
  }))
  let posterior = items.map(() => classes.map(() => 0))
  for (const { item, value } of votes) posterior[item]![value]!++
  posterior = posterior.map(normalised)
  let model = maximise(posterior, { votes, annotators: annotators.length, smoothing })
  for (let iteration = 0; iteration < iterations; iteration++) {
    const next = expect(model, votes, items.length)
    let change = 0
    next.forEach((row, i) => {
      row.forEach((p, k) => {
        change = Math.max(change, Math.abs(p - posterior[i]![k]!))
      })
    })
    posterior = next
    model = maximise(posterior, { votes, annotators: annotators.length, smoothing })
    if (change < tolerance) break
  }
  const likeliest = (row: readonly number[]) => classes[row.indexOf(Math.max(...row))]!
  return {
    classes,
    posterior: new Map(items.map((item, i) => [item, posterior[i]!])),
    labels: new Map(items.map((item, i) => [item, likeliest(posterior[i]!)])),
    confusion: new Map(annotators.map((annotator, i) => [annotator, model.confusion[i]!])),
    prior: model.prior,
  }
}

interface Vote {
  readonly item: number
  readonly annotator: number
  readonly value: number
}

interface Model {
  readonly prior: readonly number[]
  /** [annotator][true class][answer] */
  readonly confusion: readonly (readonly (readonly number[])[])[]
}

/** M-step: p_k = mean of T_ik; π_kl ∝ Σ_i T_ik n_il (eq. 2.3, 2.4). */
function maximise(
  posterior: readonly (readonly number[])[],
  { votes, annotators, smoothing }: { votes: readonly Vote[]; annotators: number; smoothing: number },
): Model {
  const classes = posterior[0]?.length ?? 0
  const row = () => new Array<number>(classes).fill(smoothing)
  const counts = Array.from({ length: annotators }, () => Array.from({ length: classes }, row))
  for (const { item, annotator, value } of votes)
    for (let k = 0; k < classes; k++) counts[annotator]![k]![value]! += posterior[item]![k]!
  const prior = Array.from(
    { length: classes },
    (_, k) => posterior.reduce((total, p) => total + p[k]!, 0) / posterior.length,
  )
  return { prior, confusion: counts.map((matrix) => matrix.map(normalised)) }
}

/** E-step: T_ik ∝ p_k Π π_kl over the item's answers (eq. 2.5), in logarithms. */
function expect({ prior, confusion }: Model, votes: readonly Vote[], items: number): number[][] {
  const logs = Array.from({ length: items }, () => prior.map(Math.log))
  for (const { item, annotator, value } of votes)
    prior.forEach((_, k) => {
      logs[item]![k]! += Math.log(confusion[annotator]![k]![value]!)
    })
  return logs.map((row) => {
    const most = Math.max(...row)
    return normalised(row.map((log) => Math.exp(log - most)))
  })
}

function normalised(row: readonly number[]): number[] {
  const total = row.reduce((a, b) => a + b, 0)
  return row.map((value) => (total > 0 ? value / total : 1 / row.length))
}

/** The most frequent answer of each item; among equals the one that sorts first. */
export function majorityVote(answers: readonly Answer[]): Map<string, string> {
  const items = new Map<string, Map<string, number>>()
  for (const { item, value } of answers) {
    const counts = items.get(item) ?? new Map<string, number>()
    counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
    items.set(item, counts)
  }
  return new Map(
    [...items].map(([item, counts]) => {
      const [[value]] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)) as [[string, number]]
      return [item, value]
    }),
  )
}

/** Share of each annotator's answers that equal the truth (gold answers, or a consensus), where it is known. */
export function annotatorAccuracy(
  answers: readonly Answer[],
  truth: ReadonlyMap<string, string | number>,
): Map<string, { readonly right: number; readonly answered: number }> {
  const found = new Map<string, { right: number; answered: number }>()
  for (const { item, annotator, value } of answers) {
    const known = truth.get(item)
    if (known === undefined) continue
    const { right, answered } = found.get(annotator) ?? { right: 0, answered: 0 }
    found.set(annotator, {
      right: right + Number(String(known) === String(value)),
      answered: answered + 1,
    })
  }
  return found
}
