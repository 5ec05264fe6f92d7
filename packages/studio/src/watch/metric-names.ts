/** How a metric is shown. */
export interface MetricName {
  readonly title: string
  readonly unit?: string
  readonly note?: string
}

/** Metrics in the order in which they are read, under TRL's names. */
const known: Readonly<Record<string, MetricName>> = {
  'objective/scores': { title: 'Reward', note: 'the reward model’s score' },
  reward: { title: 'Reward', note: 'mean of the batch' },
  accuracy: { title: 'Accuracy', note: 'pairs of the batch ordered right' },
  'rewards/accuracies': { title: 'Accuracy', note: 'pairs ordered right' },
  'gold/score': { title: 'Gold score', note: 'hidden; watched, not trained on' },
  'objective/kl': { title: 'KL', unit: 'nats per sequence', note: 'from the reference' },
  kl: { title: 'KL', unit: 'nats per token', note: 'from the reference' },
  'policy/entropy_avg': { title: 'Entropy', unit: 'nats per token' },
  entropy: { title: 'Entropy', unit: 'nats per token' },
  loss: { title: 'Loss', unit: 'nats' },
  'loss/policy_avg': { title: 'Policy loss' },
  'loss/value_avg': { title: 'Value loss', note: 'squared error of the critic' },
  'completions/mean_length': { title: 'Length', unit: 'tokens' },
  'objective/rlhf_reward': { title: 'Penalised reward', note: 'reward − β · KL' },
  kl_coef: { title: 'KL coefficient β' },
  margin: { title: 'Margin', note: 'chosen minus rejected' },
  'rewards/margins': { title: 'Margin', note: 'of implicit rewards' },
  mean_token_accuracy: { title: 'Token accuracy' },
  mean_reward: { title: 'Mean reward' },
}

const hidden = new Set([
  'step',
  'seconds',
  'epoch',
  'episode',
  'min_reward',
  'max_reward',
  'num_tokens',
  'learning_rate',
  'lr',
])
const atFirst = 9

/** A stage's metrics, the ones to look at first and the others. */
export function namedMetrics(rows: readonly Readonly<Record<string, unknown>>[]): {
  readonly first: readonly string[]
  readonly rest: readonly string[]
} {
  const present = new Set(
    rows.flatMap((row) => Object.keys(row).filter((name) => typeof row[name] === 'number')),
  )
  const ordered = [
    ...Object.keys(known).filter((name) => present.has(name)),
    ...[...present].filter((name) => !(name in known) && !hidden.has(name)),
  ]
  const inOrder = Object.keys(known).filter((name) => present.has(name)).length
  const first = ordered.slice(0, Math.min(atFirst, inOrder || ordered.length))
  return { first, rest: ordered.slice(first.length) }
}

/** The words for a metric. */
export function metricName(name: string): MetricName {
  return known[name] ?? { title: name }
}

const stageTitles: Readonly<Record<string, string>> = {
  pretrain: 'Pretraining',
  sft: 'Supervised fine-tuning',
  label: 'Labelling',
  reward: 'Reward model',
  ppo: 'PPO',
  grpo: 'GRPO',
  dpo: 'DPO',
  evaluate: 'Before and after',
  score: 'Score',
}

interface Stage {
  readonly name: string
  readonly stage: string
}

/** What a stage is, in words; with its name where the recipe has several of the kind. */
export function stageLabel({ name, stage }: Stage, all: readonly Stage[]): string {
  const alike = all.filter((other) => other.stage === stage)
  return alike.length > 1 ? `${stageTitle(stage)} · ${name}` : stageTitle(stage)
}

/** What a stage is, in words. */
export function stageTitle(stage: string): string {
  return stageTitles[stage] ?? stage
}
