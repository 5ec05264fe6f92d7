import { readFile, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import loadWabt from 'wabt'

const source = new URL('../packages/grad/src/optim/kernels.wat', import.meta.url)
const target = new URL('../packages/grad/src/optim/wasm-bytes.ts', import.meta.url)

/** Text of `wasm-bytes.ts` as it follows from `kernels.wat`. */
export async function kernelModuleSource(): Promise<string> {
  const { parseWat } = await loadWabt()
  const module = parseWat('kernels.wat', await readFile(source, 'utf8'), { simd: true })
  const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64')
  const lines = base64.match(/.{1,100}/g) ?? []
  return [
    '// Made from kernels.wat by scripts/build-wasm.ts.',
    '/** The module of kernels.wat in base64. */',
    'export const kernelBytes = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('')",
    '',
  ].join('\n')
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await writeFile(target, await kernelModuleSource())
}
