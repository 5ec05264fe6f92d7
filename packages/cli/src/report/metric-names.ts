/** How a metric is shown. */
export interface MetricName {
  readonly title: string
  readonly unit: string
  /** What it says, in a few words. */
  readonly note: string
  /** Shown at first sight; others are one click away. */
  readonly first?: true
}

const shared: Record<string, MetricName> = {
  loss: { title: 'Loss', unit: 'nats', note: 'per step', first: true },
  grad_norm: { title: 'Gradient norm', unit: '', note: 'before clipping' },
  learning_rate: { title: 'Learning rate', unit: '', note: 'as scheduled' },
}

const languageModel: Record<string, MetricName> = {
  ...shared,
  loss: { title: 'Cross-entropy', unit: 'nats per token', note: 'completion tokens only', first: true },
  num_tokens: { title: 'Tokens seen', unit: '', note: 'so far' },
}

const byKind: Record<string, Record<string, MetricName>> = {
  pretrain: { ...languageModel, loss: { ...languageModel.loss!, note: 'all tokens' } },
  sft: languageModel,
  reward: {
    accuracy: { title: 'Accuracy', unit: '', note: 'pairs of the batch ordered right', first: true },
    ...shared,
    loss: { title: 'Loss', unit: 'nats per pair', note: 'Bradley–Terry, −log σ(margin)', first: true },
    margin: { title: 'Margin', unit: '', note: 'chosen minus rejected', first: true },
    mean_reward: { title: 'Reward', unit: '', note: 'mean, with the range of the batch', first: true },
  },
  dpo: {
    'rewards/accuracies': { title: 'Accuracy', unit: '', note: 'pairs ordered right', first: true },
    ...shared,
    'rewards/margins': { title: 'Margin', unit: '', note: 'of implicit rewards', first: true },
    'rewards/chosen': { title: 'Reward, chosen', unit: '', note: 'β · log π/π_ref', first: true },
    'rewards/rejected': { title: 'Reward, rejected', unit: '', note: 'β · log π/π_ref', first: true },
    'logps/chosen': { title: 'Log-probability, chosen', unit: 'nats', note: 'of a completion' },
    'logps/rejected': { title: 'Log-probability, rejected', unit: 'nats', note: 'of a completion' },
  },
  ppo: {
    'objective/scores': { title: 'Reward', unit: '', note: 'reward model’s score', first: true },
    'gold/score': { title: 'Gold score', unit: '', note: 'hidden; watched, not trained on', first: true },
    'objective/kl': {
      title: 'KL',
      unit: 'nats per sequence',
      note: 'from the reference policy',
      first: true,
    },
    'objective/rlhf_reward': { title: 'Penalised reward', unit: '', note: 'reward − β · KL', first: true },
    kl_coef: { title: 'KL coefficient β', unit: '', note: 'price of a nat', first: true },
    'policy/entropy_avg': { title: 'Entropy', unit: 'nats per token', note: 'of the policy', first: true },
    'completions/mean_length': { title: 'Completion length', unit: 'tokens', note: 'mean', first: true },
    'loss/policy_avg': { title: 'Policy loss', unit: '', note: 'surrogate objective', first: true },
    'loss/value_avg': { title: 'Value loss', unit: '', note: 'squared error of the critic', first: true },
    'policy/approxkl_avg': { title: 'Update KL', unit: 'nats per token', note: 'new from old policy' },
    'policy/clipfrac_avg': { title: 'Clipped tokens', unit: '', note: 'share outside 1 ± ε' },
    'val/clipfrac_avg': { title: 'Clipped values', unit: '', note: 'share of the critic’s predictions' },
    'val/ratio': { title: 'Probability ratio', unit: '', note: 'new over old policy; near 1' },
    'val/num_eos_tokens': { title: 'Ended completions', unit: '', note: 'in the batch' },
    'objective/entropy': {
      title: 'Sequence entropy',
      unit: 'nats per sequence',
      note: '−log π of the samples',
    },
    'objective/non_score_reward': { title: 'KL penalty', unit: '', note: '−β · KL' },
    lr: { title: 'Learning rate', unit: '', note: 'as scheduled' },
    ...shared,
  },
}

byKind.grpo = {
  reward: { title: 'Reward', unit: '', note: 'mean of the batch', first: true },
  reward_std: { title: 'Spread of rewards', unit: '', note: 'deviation over the batch' },
  frac_reward_zero_std: { title: 'Groups of one score', unit: '', note: 'they teach nothing', first: true },
  kl: { title: 'KL', unit: 'nats per token', note: 'from the reference policy', first: true },
  entropy: { title: 'Entropy', unit: 'nats per token', note: 'of the policy', first: true },
  'completions/mean_length': { title: 'Completion length', unit: 'tokens', note: 'mean', first: true },
  'completions/clipped_ratio': { title: 'Cut completions', unit: '', note: 'share that did not end' },
  'completions/distinct_2': { title: 'Distinct pairs', unit: '', note: 'share of token pairs', first: true },
  'completions/repetition_4': { title: 'Repetition', unit: '', note: 'repeated runs of four tokens' },
  'clip_ratio/region_mean': { title: 'Clipped tokens', unit: '', note: 'share held back by the bound' },
  ...shared,
}

byKind.kto = {
  'rewards/margins': {
    title: 'Margin',
    unit: '',
    note: 'liked minus disliked, of implicit rewards',
    first: true,
  },
  ...byKind.dpo,
  kl: { title: 'Reference point', unit: 'nats', note: 'KL over mismatched completions', first: true },
  delta: { title: 'Reference point', unit: '', note: 'running mean of implicit rewards', first: true },
}

byKind.online = {
  ...byKind.ppo,
  'objective/scores': { title: 'Reward', unit: '', note: 'of the policy’s completions', first: true },
  'completions/distinct_2': byKind.grpo['completions/distinct_2']!,
  'completions/repetition_4': byKind.grpo['completions/repetition_4']!,
  'completions/clipped_ratio': byKind.grpo['completions/clipped_ratio']!,
  'gold/correlation': {
    title: 'Reward against gold',
    unit: '',
    note: 'correlation over the batch',
    first: true,
  },
  'rewards/ensemble/disagreement': { title: 'Disagreement', unit: '', note: 'of the ensemble', first: true },
  'rewards/probabilities': {
    title: 'Preference',
    unit: '',
    note: 'for the policy over the mixture',
    first: true,
  },
}

byKind['process-reward'] = {
  ...shared,
  accuracy: { title: 'Accuracy', unit: '', note: 'steps told right or wrong', first: true },
}

/** Metrics that are coordinates, or drawn as part of another one. */
const hidden = new Set(['step', 'seconds', 'epoch', 'episode', 'min_reward', 'max_reward'])

/** The metrics of a stage in the order in which they are read; unknown ones come last under their own name. */
export function namedMetrics(kind: string, present: readonly string[]): [string, MetricName][] {
  const known = byKind[kind] ?? languageModel
  const unknown = present.filter((name) => !(name in known) && !hidden.has(name))
  const noun: MetricName = { title: '', unit: '', note: '', ...(kind in byKind ? {} : { first: true }) }
  return [
    ...Object.entries(known).filter(([name]) => present.includes(name)),
    ...unknown.map((name): [string, MetricName] => [name, { ...noun, title: name }]),
  ]
}

/** A stage's kind in words: what it is and what it does. */
export function stageWords(kind: string): { title: string; text: string } {
  return stages[kind] ?? { title: kind, text: '' }
}

const stages: Record<string, { title: string; text: string }> = {
  pretrain: { title: 'Pretraining', text: 'A new model learns to predict plain text.' },
  sft: {
    title: 'Supervised fine-tuning',
    text: 'The base model learns the shape of the task from written completions.',
  },
  label: {
    title: 'Labelling',
    text: 'The fine-tuned model writes completions in pairs or groups, and annotators say which they prefer.',
  },
  reward: {
    title: 'Reward model',
    text: 'A copy of the model with a scalar head learns to score completions so that preferred ones score higher.',
  },
  dpo: {
    title: 'Direct preference optimisation',
    text: 'The policy learns the comparisons without a reward model: its own log-ratio to the reference is the reward.',
  },
  ppo: {
    title: 'PPO',
    text: 'The policy is moved towards what the reward model scores highly; a KL penalty holds it near where it started.',
  },
  grpo: {
    title: 'GRPO',
    text: 'Several completions of one prompt are compared with one another; no critic is needed.',
  },
  kto: {
    title: 'Learning from thumbs',
    text: 'The policy learns from completions that were liked or disliked, without pairs.',
  },
  online: {
    title: 'Online preferences',
    text: 'The policy’s own completions are compared as it learns.',
  },
  'best-of': {
    title: 'Best of n',
    text: 'Several completions of each prompt are scored, and the best are kept to learn from.',
  },
  judge: {
    title: 'AI feedback',
    text: 'A language model compares two completions of each prompt, in both orders.',
  },
  revise: {
    title: 'Constitutional revisions',
    text: 'The model criticises its answers by principles and writes them again.',
  },
  'process-reward': {
    title: 'Process reward model',
    text: 'A head learns to tell which steps of a solution are right.',
  },
  score: {
    title: 'Score',
    text: 'The model completes prompts that no stage has learnt from, and the rewards score them.',
  },
  evaluate: { title: 'Evaluation', text: 'Both policies complete prompts that no stage has seen.' },
}
