import { hasPeers, type Numbers, ours, peer } from './child.ts'
import { firstStepTime, helpTime } from './command.ts'
import { median } from './ours/report.ts'
import { decoding, training, trainingFlops } from './workload.ts'

/** One line of the table; a ratio above 1 means that we are better than the peer, or than the limit where there is none. */
export interface Row {
  readonly name: string
  readonly ours: number
  readonly peer: number | null
  readonly unit: string
  readonly ratio: number | null
  /** What is promised, or what the machine allows. */
  readonly limit: string
}

/** Measurements that belong together, by name. */
export const groups: Readonly<Record<string, () => Promise<Row[]>>> = {
  train: async () => {
    const gemm = await sideBySide('gemm', 'gemm')
    const step = await sideBySide('train-step', 'train_step')
    const tokens = training.batch * training.time
    const rate = gemm.ours.gflops!
    const share = trainingFlops() / step.ours.seconds! / 1e9 / rate
    const physical = (rate * 1e9 * tokens) / trainingFlops()
    return [
      higher(
        'matrix product 2048³',
        { unit: 'GFLOP/s', limit: 'is the rate' },
        gemm,
        ({ gflops }) => gflops!,
      ),
      higher(
        'training step, 14 M GPT, 8 × 128',
        { unit: 'tokens/s', limit: `≥ 1.0 × peer; ${Math.round(physical)} at the matrix rate` },
        step,
        ({ seconds }) => tokens / seconds!,
      ),
      {
        ...{ name: 'share of the matrix rate in training', ours: share, peer: null },
        ...{ unit: '', ratio: share / 0.65, limit: '≥ 0.65' },
      },
      lower(
        'peak memory of training',
        { unit: 'MB', limit: '≤ peer' },
        step,
        ({ peakMemory }) => peakMemory!,
      ),
    ]
  },
  decode: async () => {
    const run = await sideBySide('generate', 'generate')
    const tokens = decoding.batch * decoding.newTokens
    return [
      higher(
        'decoding, 14 M GPT, batch 16',
        { unit: 'tokens/s', limit: '≥ 2 × peer' },
        run,
        ({ seconds }) => tokens / seconds!,
      ),
      lower('peak memory of decoding', { unit: 'MB', limit: '≤ peer' }, run, ({ peakMemory }) => peakMemory!),
    ]
  },
  command: async () => [
    await within('attune --help', { unit: 'ms', limit: 300 }, helpTime),
    await within('attune sft, to the first step', { unit: 's', limit: 3 }, firstStepTime),
  ],
}

interface Sides {
  readonly ours: Numbers
  readonly peer: Numbers | undefined
}

/** Both sides by turns, twice each; the medians of what they report. */
async function sideBySide(our: string, their: string): Promise<Sides> {
  const [mine, others]: [Numbers[], Numbers[]] = [[], []]
  for (let round = 0; round < 2; round++) {
    mine.push(await ours(our))
    if (hasPeers) others.push(await peer(their))
  }
  return { ours: medians(mine), peer: hasPeers ? medians(others) : undefined }
}

function medians(runs: readonly Numbers[]): Numbers {
  return Object.fromEntries(Object.keys(runs[0]!).map((key) => [key, middle(runs.map((run) => run[key]!))]))
}

/** Of two numbers their mean, else the median. */
function middle(values: readonly number[]): number {
  return values.length === 2 ? (values[0]! + values[1]!) / 2 : median(values)
}

type Told = Pick<Row, 'unit' | 'limit'>

function higher(name: string, told: Told, sides: Sides, read: (numbers: Numbers) => number): Row {
  const [mine, theirs] = [read(sides.ours), sides.peer ? read(sides.peer) : null]
  return { name, ours: mine, peer: theirs, ratio: theirs === null ? null : mine / theirs, ...told }
}

function lower(name: string, told: Told, sides: Sides, read: (numbers: Numbers) => number): Row {
  const row = higher(name, told, sides, read)
  return { ...row, ratio: row.ratio === null ? null : 1 / row.ratio }
}

async function within(
  name: string,
  { unit, limit }: { unit: string; limit: number },
  measure: () => Promise<number>,
): Promise<Row> {
  const times: number[] = []
  for (let i = 0; i < 5; i++) times.push(await measure())
  const mine = median(times)
  return { name, ours: mine, peer: null, unit, ratio: limit / mine, limit: `≤ ${limit} ${unit}` }
}
