/**
 * PPO with a reward of your own: any function of completions will do. Here, short words are good.
 *   node --conditions=source --import tsx examples/own-reward.ts
 */
import { adamw, constantRate, cpu, ndarray, type Parameters } from '@attune/grad'
import { loadModel } from '@attune/lm'
import { fixedKl, ppo, type Reward, valueHead } from '@attune/rlhf'

const prompts = ['The people of this country', 'We have every reason to', 'I recommend to the Congress']

const model = await loadModel('models/sotu-4m')
const { tokenizer, architecture } = model
const { width } = architecture
const policy = {
  architecture,
  optimizer: adamw({ learningRate: constantRate(2e-4), maxGradientNorm: 1 }),
  parameters: {
    ...copy(model.parameters),
    [`${valueHead}.weight`]: ndarray(new Float32Array(width), [1, width]), // the critic shares the policy's trunk
    [`${valueHead}.bias`]: ndarray([0], [1]),
  },
}

const shortWords: Reward = (samples) =>
  samples.map(({ completion }) => {
    const words = tokenizer.decode(completion).trim().split(/\s+/)
    return -words.reduce((letters, word) => letters + word.length, 0) / words.length
  })

const run = ppo(
  {
    policy,
    reference: model,
    reward: shortWords,
    prompts: () => Array.from({ length: 48 }, (_, i) => tokenizer.encode(prompts[i % prompts.length]!)),
    kl: fixedKl(0.02),
  },
  {
    ...{ seed: 0, steps: 15, device: cpu(), maxNewTokens: 16, endOfText: tokenizer.endsOfText },
    ...{ gamma: 1, lambda: 0.95, whitenRewards: false, missingEosPenalty: 0, temperature: 1 },
    ...{ epochs: 2, minibatches: 1, microBatchSize: 48 },
    ...{ valueClipRange: 0.2, valueCoefficient: 0.1, entropyCoefficient: 0 },
  },
)
for await (const { step, metrics, samples } of run) {
  const [sample] = samples!
  console.log(
    `${step}  letters a word ${(-metrics['objective/scores']!).toFixed(2)}  KL ${metrics['objective/kl']!.toFixed(2)} `,
    tokenizer.decode([...sample!.prompt, ...sample!.completion]),
  )
}

function copy(parameters: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { data, shape }]) => [name, ndarray(data.slice(), shape)]),
  )
}
