import { medians, sideBySide } from '../sides.ts'
import { environmentIds } from '../workload.ts'
import { higher, lower, type Row } from './row.ts'

/** Steps a second of processor time (so that a busy machine counts less) of environments against Gymnasium's, and acting in plain loops against ONNX Runtime. */
export async function environmentRows(): Promise<Row[]> {
  const { environments } = await sideBySide(['environments'])
  const steps = environmentIds.map((id) =>
    higher(
      { name: `${id}, one environment`, unit: 'steps/s of processor time', limit: '' },
      medians(environments, (numbers) => numbers[id]!),
    ),
  )
  const { ours: plain } = medians(environments, (numbers) => numbers.plain ?? 0)
  const { ours: compiled } = medians(environments, (numbers) => numbers.compiled ?? 0)
  const acting = { name: 'acting for one state (peer: our own ONNX program)', unit: 'µs', limit: '' }
  return [...steps, lower(acting, { ours: plain, peer: compiled })]
}
