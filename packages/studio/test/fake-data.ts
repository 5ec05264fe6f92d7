import type { Agreement, Item, Leaderboard, ModelEntry, Project, Run } from '@attune/server'

export const project: Project & Pick<Project, 'protocol'> = {
  id: 'p1',
  name: 'Hopeful endings',
  description: 'Which continuation sounds more hopeful?',
  createdAt: '2026-01-01T00:00:00Z',
  archived: false,
  protocol: {
    version: '1',
    kind: 'comparison',
    question: 'Which continuation is more hopeful?',
    guidelines:
      '**Hopeful** means that it looks forward to something good.\n\n- Grammar counts less than hope.\n- A broken text is *both bad*.',
    overlap: 1,
    order: 'uniform',
    shuffle: true,
    allowSkip: true,
    allowTie: true,
    goldShare: 0,
  } as Project['protocol'],
} as Project

const prompts = [
  'The people of this country',
  'In the coming year we will',
  'Our farmers and workers',
  'The nations of the world',
]

export const items: readonly Item[] = Array.from({ length: 8 }, (_, i) => ({
  id: `item-${i + 1}`,
  project: 'p1',
  prompt: prompts[i % prompts.length]!,
  completions: [{ text: ` first answer ${i + 1}` }, { text: ` second answer ${i + 1}` }],
}))

export const models: readonly ModelEntry[] = [
  {
    id: 'sotu-4m.ppo',
    path: 'runs/sotu-4m/ppo',
    kind: 'lm',
    parameters: 4_200_000,
    createdAt: '2026-01-02T00:00:00Z',
  },
  {
    id: 'sotu-4m.reward',
    path: 'runs/sotu-4m/reward',
    kind: 'reward',
    parameters: 4_200_000,
    createdAt: '2026-01-02T00:00:00Z',
  },
  {
    id: 'sotu-4m',
    path: 'models/sotu-4m',
    kind: 'lm',
    parameters: 4_200_000,
    createdAt: '2026-01-01T00:00:00Z',
  },
]

const stage = (name: string, state: 'done' | 'running') => ({
  name,
  stage: name,
  state,
  step: state === 'done' ? 40 : 21,
  steps: 40,
  seconds: 30,
})

export const runs: readonly Run[] = [
  {
    name: 'hopeful-2',
    state: 'running',
    createdAt: '2026-01-02T00:00:00Z',
    updatedAt: '2026-01-02T00:00:00Z',
    stages: [stage('reward', 'done'), stage('ppo', 'running')],
    summary: null,
    project: 'p1',
  },
  {
    name: 'hopeful-1',
    state: 'done',
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
    stages: [stage('reward', 'done'), stage('ppo', 'done')],
    summary: { winRate: { value: 0.9, low: 0.86, high: 0.94 } },
    project: 'p1',
  },
]

export const metricRows = Array.from({ length: 40 }, (_, i) => ({
  step: i + 1,
  'objective/scores': Math.log(i + 2) / 2,
  'objective/kl': i / 5,
  'policy/entropy_avg': 2.2 - i / 50,
}))

export const sampleRows = Array.from({ length: 24 }, (_, i) => ({
  step: 1 + 10 * Math.floor(i / 8),
  prompt: prompts[i % prompts.length]!,
  completion: ` sample ${i}`,
  score: Math.sin(i) + i / 12,
}))

export const agreement: Agreement = {
  raw: 0.82,
  kappa: { name: 'cohen', value: 0.61, items: 40 },
  alpha: 0.6,
  matrix: {
    annotators: ['ada', 'grace'],
    agreement: [
      [1, 0.82],
      [0.82, 1],
    ],
    items: [
      [20, 20],
      [20, 20],
    ],
  },
  annotators: [
    { id: 'ada', name: 'Ada', judgments: 20, agreement: 0.82, goldAccuracy: null, medianSeconds: 8 },
    { id: 'grace', name: 'Grace', judgments: 20, agreement: 0.82, goldAccuracy: null, medianSeconds: 11 },
  ],
  disagreements: [
    {
      item: items[0]!,
      answers: [
        { annotator: 'ada', judgment: 'j1', answer: 'A' },
        { annotator: 'grace', judgment: 'j2', answer: 'B' },
      ],
      entropy: 1,
    },
  ],
}

export const leaderboard: Leaderboard = {
  votes: 12,
  models: [
    {
      model: 'sotu-4m.ppo',
      rating: 1120,
      low: 1040,
      high: 1230,
      elo: 1066,
      rank: 1,
      votes: 12,
      wins: 8,
      ties: 2,
      bothBad: 0,
    },
    {
      model: 'sotu-4m',
      rating: 880,
      low: 770,
      high: 960,
      elo: 934,
      rank: 2,
      votes: 12,
      wins: 2,
      ties: 2,
      bothBad: 0,
    },
  ],
}
