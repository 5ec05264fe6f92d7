/** The model that both sides train and decode: a 6-layer GPT-2 of 14 M parameters, as config.json names its sizes. */
export const config = {
  architectures: ['GPT2LMHeadModel'],
  model_type: 'gpt2',
  vocab_size: 8192,
  n_embd: 384,
  n_layer: 6,
  n_head: 6,
  n_positions: 256,
  layer_norm_epsilon: 1e-5,
  activation_function: 'gelu_new',
  tie_word_embeddings: true,
} as const

/** Threads of both sides. */
export const threads = 2

/** Side of the square matrices whose product is the machine's rate. */
export const matrixSize = 2048

/** Rows and tokens of a training step. */
export const training = { batch: 8, time: 128 } as const

/** Prompts, their tokens, and new tokens of a decoding run. */
export const decoding = { batch: 16, prompt: 32, newTokens: 128 } as const

/**
 * Floating-point operations that a training step cannot do without: 6·N·tokens + 12·d·T·layers·tokens. N is the weights
 * that a matrix product uses, 12·d² a layer and V·d for the logits (the tied embedding counts once: looking up a row
 * multiplies nothing). Forward, a token takes 2 operations a weight, and 4·d·T a layer for its scores with T keys and
 * the mixing of T values; backward takes twice that, by the inputs and by the weights. T is not halved for the causal
 * mask, since our products cover what it hides (scores and mixing are 4 % of the count). Softmaxes, norms, activations
 * and the optimiser are not counted.
 */
export function trainingFlops(): number {
  const { n_embd: width, n_layer: layers, vocab_size: vocabulary } = config
  const { batch, time } = training
  const weights = 12 * width ** 2 * layers + vocabulary * width
  const forward = 2 * weights + 4 * width * time * layers
  return 3 * forward * batch * time
}

/** Environments that are stepped with random actions, for how many seconds each, after how many of warming up. */
export const environmentIds = ['CartPole-v1', 'Pendulum-v1', 'Hopper-v4', 'HalfCheetah-v4', 'Ant-v4'] as const
export const environmentSeconds = 2
/** WebAssembly of MuJoCo's size is compiled a second time, for speed, while it runs. */
export const warmUpSeconds = 3
