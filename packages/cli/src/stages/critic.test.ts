import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adamw, cpu, type Parameters, randomKey } from '@attune/grad'
import {
  loraConfig,
  type Model,
  mergeAdapter,
  newModel,
  normalArray,
  parseConfig,
  saveModel,
  tokenizer,
  trainBpe,
  withLora,
} from '@attune/lm'
import {
  fixedKl,
  modelReward,
  normalisedReward,
  type PpoOptions,
  type PpoRun,
  ppo,
  rewardHead,
} from '@attune/rlhf'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { restoreCheckpoint, saveCheckpoint, type TrainingState } from '../run/checkpoint.ts'
import { criticFrom, withoutValueHead, withValueHead } from './critic.ts'

const device = cpu({ threads: 1 })
const normalisation = { reward_mean: 0.4, reward_deviation: 2 }
const samples = [
  { prompt: [1, 2], completion: [3, 4] },
  { prompt: [5], completion: [6, 7, 8] },
]
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'critic-'))
  await saveModel(join(folder, 'reward'), rewardModel())
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function languageModel(seed = 0): Model {
  const config = parseConfig(
    {
      model_type: 'llama',
      vocab_size: 260,
      hidden_size: 16,
      intermediate_size: 32,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      max_position_embeddings: 32,
      tie_word_embeddings: true,
    },
    'tiny',
  )
  const tokens = tokenizer(trainBpe(['a b'], { vocabularySize: 260, specialTokens: ['<|endoftext|>'] }), {})
  return newModel(config, { tokenizer: tokens, seed })
}

function rewardModel(): Model {
  const model = languageModel(1)
  const weight = normalArray([1, 16], { deviation: 0.3, random: randomKey(2) })
  const parameters = { ...model.parameters, [`${rewardHead}.weight`]: weight }
  return { ...model, config: { ...model.config, ...normalisation }, parameters }
}

const lora = { r: 2, lora_alpha: 4, use_rslora: false, target_modules: 'all-linear' } as const
const adaptedCritic = (reward: Model, r: number = lora.r) =>
  criticFrom(reward, { lora: { ...lora, r }, path: join(folder, 'reward'), seed: 3 })

test.each([
  ['with all parameters', (reward: Model) => criticFrom(reward, { lora: undefined, path: '', seed: 0 })],
  ['as a new adapter', (reward: Model) => adaptedCritic(reward)],
  ['as an adapter of rank 0', (reward: Model) => adaptedCritic(reward, 0)],
])('a critic %s starts as the normalised reward', async (_, make) => {
  const reward = rewardModel()
  const raw = modelReward(reward, { device })
  const expected = await normalisedReward(raw, { mean: 0.4, deviation: 2 })(samples)
  const valueOfLast = modelReward(make(reward), { device })
  const values = await valueOfLast(samples)
  for (const [i, score] of expected.entries()) expect(values[i]!).toBeCloseTo(score, 5)
  await raw.dispose()
  await valueOfLast.dispose()
})

const options: PpoOptions = {
  seed: 0,
  steps: 3,
  device,
  maxNewTokens: 4,
  temperature: 1,
  endOfText: 0,
  missingEosPenalty: 0,
  gamma: 1,
  lambda: 0.95,
  whitenRewards: false,
  epochs: 2,
  minibatches: 1,
  microBatchSize: 8,
  valueClipRange: 0.2,
  valueCoefficient: 0.5,
  entropyCoefficient: 0,
}

const optimizer = () => adamw({ learningRate: 0.01, maxGradientNorm: 1 })

/** A run with its state, from the start. */
function begin(kind: 'separate' | 'shared'): { run: PpoRun; state: TrainingState; reward: Model } {
  const reward = rewardModel()
  const base = languageModel()
  const adapted = adaptedPolicy(base)
  const policy = kind === 'shared' ? withValueHead(adapted) : adapted
  const critic = kind === 'separate' ? adaptedCritic(reward) : undefined
  const optimizers = { policy: optimizer(), critic: optimizer() }
  const run: PpoRun = {
    policy: { ...policy, optimizer: optimizers.policy },
    ...(critic ? { critic: { ...critic, optimizer: optimizers.critic } } : {}),
    reference: base,
    reward: (rows) => rows.map(({ completion }) => completion.filter((token) => token < 100).length),
    prompts: (step) => Array.from({ length: 8 }, (_, i) => [1 + ((i + step) % 5), 2]),
    kl: fixedKl(0.05),
  }
  const state: TrainingState = {
    models: {
      model: { model: policy, optimizer: optimizers.policy },
      ...(critic ? { critic: { model: critic, optimizer: optimizers.critic } } : {}),
    },
    numbers: () => ({}),
    restoreNumbers: () => {},
  }
  return { run, state, reward }
}

const adaptedPolicy = (base: Model): Model =>
  withLora(base, loraConfig({ ...lora, base_model_name_or_path: null }), { seed: 5 })

async function follow(run: PpoRun, numbers: Partial<PpoOptions>): Promise<void> {
  for await (const _ of ppo(run, { ...options, ...numbers }));
}

const bits = (parameters: Parameters) =>
  Object.fromEntries(Object.entries(parameters).map(([name, { data }]) => [name, [...data]]))

test.each(['separate', 'shared'] as const)(
  'adapters of policy and %s critic: saved and resumed is uninterrupted, and no base moves',
  async (kind) => {
    const straight = begin(kind)
    const before = bits(straight.reward.parameters)
    await follow(straight.run, {})
    const begun = begin(kind)
    await follow(begun.run, { steps: 1 })
    const checkpoints = join(folder, kind)
    await saveCheckpoint(checkpoints, { step: 1, state: begun.state })
    const resumed = begin(kind)
    expect(await restoreCheckpoint(checkpoints, resumed.state)).toBe(1)
    await follow(resumed.run, { start: 1 })
    for (const [name, { model }] of Object.entries(straight.state.models)) {
      expect(bits(resumed.state.models[name]!.model.parameters), name).toEqual(bits(model.parameters))
      expect(bits(begin(kind).state.models[name]!.model.parameters), name).not.toEqual(bits(model.parameters))
    }
    expect(bits(straight.reward.parameters)).toEqual(before)
    const { model } = straight.state.models.model!
    const names = Object.keys(mergeAdapter(withoutValueHead(model)).parameters)
    expect(names.sort()).toEqual(Object.keys(languageModel().parameters).sort())
  },
)
