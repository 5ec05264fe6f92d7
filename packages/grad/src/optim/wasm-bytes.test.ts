import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { kernelModuleSource } from '../../../../scripts/build-wasm.ts'

it('is what kernels.wat compiles to', async () => {
  const committed = await readFile(new URL('./wasm-bytes.ts', import.meta.url), 'utf8')
  expect(committed).toBe(await kernelModuleSource())
})
