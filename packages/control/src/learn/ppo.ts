import { ndarray, randomKey } from '@attune/grad'
import { whiten } from '@attune/rlhf/advantages'
import { episodicAdvantages } from './advantages.ts'
import { checkedRewards } from './checked-rewards.ts'
import type { PpoOptions, PpoRecord, PpoRun } from './ppo-options.ts'
import { type Minibatch, ppoProgram } from './ppo-program.ts'
import { episodeMetrics, type Rollout } from './record.ts'
import { type Collected, collect } from './rollout.ts'

/**
 * Proximal policy optimisation for control (Schulman et al. 2017, algorithm 1, with the details of Huang et al. 2022): one
 * record an iteration. Anneal the rate and bound the gradient in the policy's optimiser.
 */
export async function* ppo(run: PpoRun, options: PpoOptions): AsyncGenerator<PpoRecord> {
  const { policy, environments } = run
  const rows = options.steps * environments.count
  check(run, options)
  const program = ppoProgram(policy.network, { ...run, ...options })
  const acting = policy.network.acting(policy.parameters)
  try {
    let observations = run.observations ?? (await environments.reset(options.seed))
    if (!run.observations) policy.observations?.update(observations)
    for (let iteration = options.start ?? 0; iteration < options.iterations; iteration++) {
      const began = performance.now()
      const collected = await collect(
        policy,
        { environments, acting },
        { ...options, observations, iteration },
      )
      const sampled = performance.now()
      observations = collected.observations
      const { rollout } = collected
      const own = run.reward ? await run.reward(rollout) : rollout.rewards
      const learnt = own
        ? await learn(run, { program, options, iteration, collected, own: checked(own, rollout) })
        : {}
      const seconds = { sampling: (sampled - began) / 1000, learning: (performance.now() - sampled) / 1000 }
      yield {
        step: iteration + 1,
        metrics: {
          ...episodeMetrics(rollout),
          'time/total_timesteps': (iteration + 1) * rows,
          ...learnt,
          ...timing(rollout, seconds),
        },
        rollout,
        observations,
      }
    }
  } finally {
    await acting.dispose()
    await program.dispose()
  }
}

/** Throws when the numbers would train on nothing, or when nothing gives the coefficient that the surrogate takes. */
function check({ environments, surrogate, penalty }: PpoRun, options: PpoOptions): void {
  for (const name of ['steps', 'epochs', 'minibatches'] as const) {
    const found = options[name]
    if (!Number.isInteger(found) || found < 1)
      throw new RangeError(`ppo: ${name} is ${found}, expected a whole number from 1`)
  }
  const rows = options.steps * environments.count
  if (options.minibatches > rows)
    throw new RangeError(
      `${options.minibatches} minibatches of a rollout of ${rows} steps: expected at most ${rows}`,
    )
  if (surrogate && surrogate.length > 1 && !penalty)
    throw new TypeError(
      'ppo: the surrogate takes a coefficient and there is no penalty: expected one with it',
    )
}

function checked(rewards: Float32Array, { steps, count }: Rollout): Float32Array {
  const placeOf = (row: number) => `step ${Math.floor(row / count)} in environment ${row % count}`
  return checkedRewards(rewards, steps * count, placeOf)
}

/** Advantages of a rollout under its rewards, and the updates. */
async function learn(
  run: PpoRun,
  { own, collected, options, ...rest }: Omit<Improvement, 'advantages' | 'returns'> & { own: Float32Array },
): Promise<Record<string, number>> {
  const { rollout, values } = collected
  const rewards = run.rewardScaler?.scale(own, rollout.ended) ?? own
  const judged = episodicAdvantages({ ...rollout, ...collected, rewards }, options)
  return {
    'rollout/reward_mean': mean(own),
    'train/explained_variance': explainedVariance(values, judged.returns),
    ...(await improve(run, { ...rest, options, collected, ...judged })),
  }
}

interface Improvement {
  readonly program: ReturnType<typeof ppoProgram>
  readonly options: PpoOptions
  readonly iteration: number
  readonly collected: Collected
  readonly advantages: Float32Array
  readonly returns: Float32Array
}

/** Epochs of minibatches over one rollout; returns the means of what the updates reported. */
async function improve(
  { policy, penalty }: PpoRun,
  improvement: Improvement,
): Promise<Record<string, number>> {
  const { program, options, iteration } = improvement
  const coefficient = penalty?.coefficient() ?? 0
  const totals: Record<string, number> = {}
  let [updates, epochs] = [0, 0]
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    let kl = 0
    for (const batch of minibatches(improvement, epoch)) {
      const { value, aux, grads } = await program(policy.parameters, batch, coefficient)
      if (!Number.isFinite(value))
        throw new RangeError(
          `the loss of iteration ${iteration + 1} is ${value}: lower the learning rate, or look at the rewards`,
        )
      const { gradientNorm, learningRate } = policy.optimizer.update(policy.parameters, grads)
      const stats = {
        ...Object.fromEntries(Object.entries(aux).map(([name, { data }]) => [name, data[0]!])),
        'train/loss': value,
        'train/grad_norm': gradientNorm,
        'train/learning_rate': learningRate,
      }
      for (const [name, number] of Object.entries(stats)) totals[name] = (totals[name] ?? 0) + number
      kl += aux['train/approx_kl']!.data[0]! / options.minibatches
      updates++
    }
    epochs++
    if (options.targetKl !== undefined && kl > options.targetKl) break
  }
  const means = Object.fromEntries(Object.entries(totals).map(([name, total]) => [name, total / updates]))
  if (!penalty) return { ...means, 'train/epochs': epochs }
  const moved = await divergence(policy, improvement)
  penalty.update(moved, improvement.advantages.length)
  return { ...means, 'train/epochs': epochs, 'train/penalty': coefficient, 'train/kl_old': moved }
}

/** KL(π_old ‖ π) of the policy as the updates have left it, over the minibatches of one epoch. */
async function divergence({ parameters }: PpoRun['policy'], improvement: Improvement): Promise<number> {
  let total = 0
  for (const batch of minibatches(improvement, 0)) {
    const { aux } = await improvement.program(parameters, batch, 0)
    total += aux['train/approx_kl']!.data[0]!
  }
  return total / improvement.options.minibatches
}

/** The rollout in an order of the epoch's own, cut into minibatches. */
function* minibatches(
  { options, iteration, ...experience }: Improvement,
  epoch: number,
): Generator<Minibatch> {
  const rows = experience.advantages.length
  const size = Math.floor(rows / options.minibatches)
  const order = randomKey(options.seed, 'minibatch', iteration, epoch).permutation(rows)
  for (let part = 0; part < options.minibatches; part++)
    yield minibatch(experience, order.subarray(part * size, (part + 1) * size), options)
}

/** The given rows of the experience, their advantages standardised among themselves unless the options say otherwise. */
function minibatch(
  { collected, advantages, returns }: Pick<Improvement, 'collected' | 'advantages' | 'returns'>,
  rows: Int32Array,
  { standardise = true }: PpoOptions,
): Minibatch {
  const size = rows.length
  const pick = (source: Float32Array) => {
    const width = source.length / advantages.length
    const data = new Float32Array(size * width)
    for (let i = 0; i < size; i++) {
      const from = rows[i]! * width
      for (let j = 0; j < width; j++) data[i * width + j] = source[from + j]!
    }
    return data
  }
  const vector = (source: Float32Array) => ndarray(pick(source), [size])
  const matrix = (source: Float32Array) => ndarray(pick(source), [size, source.length / advantages.length])
  const mask = new Float32Array(size).fill(1)
  return {
    observations: matrix(collected.seen),
    actions: matrix(collected.drawn),
    oldLogp: vector(collected.logProbs),
    oldValue: vector(collected.values),
    advantage: ndarray(standardise ? whiten(pick(advantages), mask) : pick(advantages), [size]),
    returns: vector(returns),
    mask: ndarray(mask, [size]),
    count: size,
  }
}

/** 1 − Var(R − V)/Var(R): 1 is a perfect critic, 0 one that knows only the mean. */
function explainedVariance(values: Float32Array, returns: Float32Array): number {
  const spread = variance(returns)
  return spread === 0 ? 0 : 1 - variance(returns.map((r, i) => r - values[i]!)) / spread
}

function timing(
  { steps, count }: { readonly steps: number; readonly count: number },
  { sampling, learning }: { readonly sampling: number; readonly learning: number },
): Record<string, number> {
  const frames = steps * count
  return {
    'time/seconds_sampling': sampling,
    'time/seconds_learning': learning,
    'time/fps': Math.round(frames / (sampling + learning)),
  }
}

function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

function variance(values: Float32Array): number {
  const centre = mean(values)
  return mean(values.map((value) => (value - centre) ** 2))
}
