import { type BenchModel, hasSmollm2, sizes } from '../methods.ts'
import { medians, type Round, sideBySide } from '../sides.ts'
import { config } from '../workload.ts'
import { higher, lower, type Row } from './row.ts'

/** Multiply-adds that a token needs in the blocks (an embedding is looked up), and bytes of all weights in float32. */
const models = {
  smollm2: { title: 'SmolLM2-135M', blockWeights: 106.2e6, bytes: 134.5e6 * 4 },
  gpt: {
    title: '14 M GPT',
    blockWeights: 12 * config.n_layer * config.n_embd ** 2,
    bytes: 4 * (12 * config.n_layer * config.n_embd ** 2 + config.vocab_size * config.n_embd),
  },
} as const

/**
 * A model against TRL: supervised, DPO with LoRA, scoring, generation, GRPO and PPO with LoRA; time and memory. A workload that fails
 * on either side is said and left out, so that the others are not lost.
 */
export async function methodRows(model: BenchModel, { rounds }: { rounds: number }): Promise<Row[]> {
  if (model === 'smollm2' && !hasSmollm2)
    throw new Error('models/smollm2-135m-instruct is not there: scripts/get-smollm2.sh')
  const { title, blockWeights, bytes } = models[model]
  const { supervised, direct, scoring, generation, online } = sizes
  const rollout = online.prompts * online.group * online.newTokens
  const batches = (batch: number) => batch * generation.newTokens
  const workloads = [
    ['supervised', 'SFT, all weights', supervised.rows * supervised.tokens, 'tokens/s', 6 * blockWeights],
    ['direct', 'DPO with LoRA', direct.pairs, 'pairs/s', undefined],
    ['scoring', 'reward scoring', scoring.rows * scoring.tokens, 'tokens/s', 2 * blockWeights],
    ['generation-1', 'generation, batch 1', batches(1), 'tokens/s', undefined],
    ['generation-16', 'generation, batch 16', batches(16), 'tokens/s', undefined],
    ['grpo', 'GRPO iteration with LoRA', rollout, 'new tokens/s', undefined],
    ['ppo', 'PPO iteration, LoRA policy, whole critic', rollout, 'new tokens/s', undefined],
  ] as const
  const rows: Row[] = []
  for (const [name, what, amount, unit, flops] of workloads) {
    const script = `methods/${name}@${model}`
    let measured: readonly Round[]
    try {
      measured = (await sideBySide([script], { rounds }))[script]!
    } catch (cause) {
      console.error(`${script} is left out: ${(cause as Error).message}`)
      continue
    }
    console.error(`${script}: ${JSON.stringify(measured)}`)
    const limit =
      flops === undefined
        ? name.startsWith('generation')
          ? `${(bytes / 1e6).toFixed(0)} MB of weights a step`
          : '≥ 1.5 × peer online, ≥ 1 × else'
        : `${(flops / 1e9).toFixed(2)} GFLOP a token`
    rows.push(
      higher(
        { name: `${title}: ${what}`, unit, limit },
        medians(measured, ({ seconds }) => amount / seconds!),
      ),
      lower(
        { name: `${title}: ${what}: processors`, unit: 'core·s', limit: 'less is left to others' },
        medians(measured, ({ processors }) => processors!),
      ),
      lower(
        { name: `${title}: ${what}: peak memory`, unit: 'MB', limit: '≤ peer' },
        medians(measured, ({ peakMemory }) => peakMemory!),
      ),
    )
  }
  return rows
}
