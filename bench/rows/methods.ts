import { ours } from '../child.ts'
import { leastSeconds, type Rates } from '../limits.ts'
import { type BenchModel, hasSmollm2, sizes } from '../methods.ts'
import { medians, type Round, sideBySide } from '../sides.ts'
import { config } from '../workload.ts'
import { higher, lower, type Row } from './row.ts'

/** Weights that a token is multiplied with (an embedding is looked up), and those of the tied vocabulary. */
const models = {
  smollm2: { title: 'SmolLM2-135M', blocks: 106.2e6, vocabulary: 49_152 * 576 },
  gpt: {
    title: '14 M GPT',
    blocks: 12 * config.n_layer * config.n_embd ** 2,
    vocabulary: config.vocab_size * config.n_embd,
  },
} as const

/** Rate of large products, the faster side's, and of reading weights. */
async function machineRates(): Promise<Rates> {
  const [product] = (await sideBySide(['gemm'], { rounds: 1 })).gemm
  const { gigabytes } = await ours('bandwidth')
  const rates = {
    flops: 1e9 * Math.max(product!.ours.gflops!, product!.peer?.gflops ?? 0),
    bytes: 1e9 * gigabytes!,
  }
  console.error(
    `large products ${(rates.flops / 1e9).toFixed(0)} GFLOP/s, weights ${gigabytes!.toFixed(1)} GB/s`,
  )
  return rates
}

/**
 * A model against TRL: supervised, DPO with LoRA, scoring, generation, GRPO and PPO with LoRA; time and memory. A workload that fails
 * on either side is said and left out, so that the others are not lost.
 */
export async function methodRows(
  model: BenchModel,
  { rounds, only }: { rounds: number; only: readonly string[] | undefined },
): Promise<Row[]> {
  if (model === 'smollm2' && !hasSmollm2)
    throw new Error('models/smollm2-135m-instruct is not there: scripts/get-smollm2.sh')
  const { title, ...weights } = models[model]
  const least = leastSeconds(weights, sizes, await machineRates())
  const { supervised, direct, scoring, generation, online } = sizes
  const rollout = online.prompts * online.group * online.newTokens
  const batches = (batch: number) => batch * generation.newTokens
  const workloads = [
    ['supervised', 'SFT, all weights', supervised.rows * supervised.tokens, 'tokens/s'],
    ['direct', 'DPO with LoRA', direct.pairs, 'pairs/s'],
    ['scoring', 'reward scoring', scoring.rows * scoring.tokens, 'tokens/s'],
    ['generation-1', 'generation, batch 1', batches(1), 'tokens/s'],
    ['generation-16', 'generation, batch 16', batches(16), 'tokens/s'],
    ['grpo', 'GRPO iteration with LoRA', rollout, 'new tokens/s'],
    ['ppo', 'PPO iteration, LoRA policy, whole critic', rollout, 'new tokens/s'],
  ] as const
  const rows: Row[] = []
  const unknown = only?.find((name) => workloads.every(([known]) => known !== name))
  if (unknown)
    throw new Error(`--workload ${unknown}: there are ${workloads.map(([name]) => name).join(', ')}`)
  for (const [name, what, amount, unit] of workloads) {
    if (only && !only.includes(name)) continue
    const script = `methods/${name}@${model}`
    let measured: readonly Round[]
    try {
      measured = (await sideBySide([script], { rounds }))[script]!
    } catch (cause) {
      console.error(`${script} is left out: ${(cause as Error).message}`)
      continue
    }
    console.error(`${script}: ${JSON.stringify(measured)}`)
    const attained = medians(measured, ({ seconds }) => seconds!).ours
    const limit = `${least[name]!.toFixed(2)} s at the machine's rates, ${(least[name]! / attained).toFixed(2)} reached`
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
