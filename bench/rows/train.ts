import { medians, type Round, sideBySide } from '../sides.ts'
import { matrixSize, training, trainingFlops } from '../workload.ts'
import { higher, lower, type Row } from './row.ts'

const promisedShare = 0.65

/** The rate of a matrix product, the training step against it and against the peer, and the step's memory. */
export async function trainingRows(): Promise<Row[]> {
  const measured = await sideBySide(['gemm', 'train-step', 'libraries'])
  const product = medians(measured.gemm, ({ gflops }) => gflops!)
  const machine = Math.max(product.ours, product.peer ?? 0)
  const tokens = training.batch * training.time
  const attainable = Math.round((machine * 1e9 * tokens) / trainingFlops())
  const share = medians(measured['train-step'], ({ seconds }) => trainingFlops() / seconds! / 1e9 / machine)
  const peak = medians(measured['train-step'], ({ peakMemory }) => peakMemory!)
  return [
    higher(
      { name: `matrix product ${matrixSize}³`, unit: 'GFLOP/s', limit: 'the faster is the machine rate' },
      product,
    ),
    higher(
      {
        name: 'training step, 14 M GPT, 8 × 128',
        unit: 'tokens/s',
        limit: `≥ 1 × peer; ${attainable} at the machine rate`,
      },
      medians(measured['train-step'], ({ seconds }) => tokens / seconds!),
    ),
    {
      name: 'share of the machine rate in training',
      ours: share.ours,
      peer: share.peer,
      unit: '',
      ratio: share.ours / promisedShare,
      limit: `≥ ${promisedShare} (the ratio is to that); 1 is all`,
    },
    lower({ name: 'peak memory of training', unit: 'MB', limit: '≤ peer' }, peak),
    lower(
      { name: 'the same without loaded libraries', unit: 'MB', limit: '≤ peer' },
      without(peak, measured.libraries),
    ),
  ]
}

type Pair = ReturnType<typeof medians>

/** Memory beyond that of a process that loads the libraries and does nothing (a peer built for GPUs loads more). */
function without(peak: Pair, libraries: readonly Round[]): Pair {
  const loaded = medians(libraries, ({ peakMemory }) => peakMemory!)
  return {
    ours: peak.ours - loaded.ours,
    peer: peak.peer === null || loaded.peer === null ? null : peak.peer - loaded.peer,
  }
}
