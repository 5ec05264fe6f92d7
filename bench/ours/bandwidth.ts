import { cpu, hold, type NdArray, ndarray, type Tensor, value } from '@attune/grad'
import { threads } from '../workload.ts'
import { median, report, timed } from './report.ts'

// one row times a matrix that no cache holds: every weight is read once
const [outer, inner] = [65_536, 1024]
const { weight } = hold({ weight: ndarray(new Float32Array(outer * inner).fill(1), [outer, inner]) })
const row = ndarray(new Float32Array(inner).fill(1), [1, inner])
const product = value<[NdArray], Tensor>((x) => x.matmul(weight!, { transposeB: true }), {
  device: cpu({ threads }),
})
const seconds = await timed(7, () => product(row))
report({ gigabytes: (4 * outer * inner) / median(seconds) / 1e9 })
