import type { Comparison, Judgment, Ranking } from '@attune/feedback'
import { pairsOfRanking, promptText } from '@attune/feedback'
import { stringify } from 'yaml'

/** A row that recipes read: TRL's preference columns. */
export interface PreferenceRow {
  readonly prompt: string
  readonly chosen: string
  readonly rejected: string
  readonly annotator: string
}

/** The pairs that judgments imply, in TRL's columns; ties and both-bad teach no order. */
export function preferenceRows(judgments: readonly Judgment[]): PreferenceRow[] {
  return judgments.flatMap((judgment) => {
    if (judgment.kind === 'comparison') return comparisonRow(judgment)
    return judgment.kind === 'ranking' ? rankingRows(judgment) : []
  })
}

function comparisonRow({ prompt, completions, preferred, annotator }: Comparison): PreferenceRow[] {
  if (preferred !== 0 && preferred !== 1) return []
  const [chosen, rejected] = [completions[preferred]!, completions[1 - preferred]!]
  if (chosen === rejected || chosen === '' || rejected === '') return []
  return [{ prompt: promptText(prompt), chosen, rejected, annotator: annotator.id }]
}

function rankingRows({ prompt, completions, order, ties, annotator }: Ranking): PreferenceRow[] {
  return pairsOfRanking(order, ties).flatMap(([better, worse]) => {
    const [chosen, rejected] = [completions[better]!, completions[worse]!]
    return chosen === rejected || chosen === '' || rejected === ''
      ? []
      : [{ prompt: promptText(prompt), chosen, rejected, annotator: annotator.id }]
  })
}

/** What a recipe on a project's labels is made of. */
export interface TemplateInput {
  readonly name: string
  readonly template: 'reward-ppo' | 'dpo'
  /** Path of the policy to start from. */
  readonly model: string
  readonly pairs: number
  readonly prompts: number
  /** Paths of the labels and of their prompts. */
  readonly labels: string
  readonly promptFile: string
  readonly steps?: number | undefined
}

const newTokens = 28

/** A recipe (YAML) that learns from labels and samples before and after. */
export function templateRecipe(input: TemplateInput): string {
  const stages = input.template === 'dpo' ? dpoStages(input) : rewardPpoStages(input)
  const description = `Learns from ${input.pairs} comparisons that people made in the studio.`
  return stringify({ name: input.name, description, seed: 0, stages })
}

function rewardStage({ model, labels, pairs }: TemplateInput) {
  const batch = Math.min(16, Math.max(2, Math.floor(pairs / 2)))
  return {
    name: 'reward',
    stage: 'reward',
    model,
    comparisons: labels,
    held_out: pairs >= 20 ? 0.15 : 0,
    steps: Math.min(120, Math.max(12, Math.ceil((2 * pairs) / batch))),
    batch_size: batch,
    learning_rate: 1e-3,
    warmup_steps: 3,
    center_rewards_coefficient: 0.01,
    too_long: 'drop',
    save_steps: 20,
  }
}

function rewardPpoStages(input: TemplateInput) {
  const { model, promptFile: prompts, steps = 16 } = input
  const batch = Math.min(32, Math.max(2, input.prompts))
  return [
    rewardStage(input),
    {
      name: 'ppo',
      stage: 'ppo',
      model,
      reward: 'stage:reward',
      prompts,
      steps,
      batch_size: batch,
      max_new_tokens: newTokens,
      temperature: 0.7,
      learning_rate: 2e-4,
      critic_learning_rate: 3e-4,
      adam_epsilon: 1e-5,
      kl: { controller: 'adaptive', coefficient: 0.1, target: 8, horizon: 1000 },
      epochs: 2,
      minibatches: batch >= 4 ? 2 : 1,
      missing_eos_penalty: 1,
      save_steps: 5,
    },
    ...scoreStages(input, 'stage:ppo'),
  ]
}

function dpoStages(input: TemplateInput) {
  const { model, labels, pairs, steps } = input
  const batch = Math.min(16, Math.max(2, Math.floor(pairs / 2)))
  return [
    rewardStage(input),
    {
      name: 'dpo',
      stage: 'dpo',
      model,
      comparisons: labels,
      held_out: pairs >= 20 ? 0.15 : 0,
      steps: steps ?? Math.min(120, Math.max(12, Math.ceil((2 * pairs) / batch))),
      batch_size: batch,
      learning_rate: 1e-4,
      warmup_steps: 3,
      too_long: 'drop',
      save_steps: 20,
    },
    ...scoreStages(input, 'stage:dpo'),
  ]
}

/** Samples before and after, scored by the reward model that the labels taught. */
function scoreStages({ model, promptFile: prompts }: TemplateInput, after: string) {
  return [['before', model] as const, ['after', after] as const].map(([name, policy]) => ({
    name,
    stage: 'score',
    model: policy,
    prompts,
    rewards: [{ kind: 'model', model: 'stage:reward' }],
    items: 48,
    max_new_tokens: newTokens,
    temperature: 0.7,
    batch_size: 48,
  }))
}
