import { webgpu } from '../src/index.ts'
import { measure } from './webgpu-programs.ts'

// A page's script: it measures on the browser's WebGPU and sends what it found to the server that it came from.
interface Gpu {
  readonly requestAdapter: () => Promise<object | null>
}
const { gpu } = (globalThis as unknown as { navigator: { gpu?: Gpu } }).navigator

async function found(): Promise<object> {
  if (!(await gpu?.requestAdapter())) return { adapter: false }
  return { adapter: true, measured: await measure(webgpu()) }
}

const result = await found().catch((error: Error) => ({ error: error.stack ?? error.message }))
await fetch('/result', { method: 'POST', body: JSON.stringify(result) })
