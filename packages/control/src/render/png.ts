import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { initWasm, Resvg } from '@resvg/resvg-wasm'

const loading: { done?: Promise<void> } = {}

/** An SVG document as a PNG file's bytes, by resvg. Text is left out: no font comes with it. */
export async function png(svg: string): Promise<Uint8Array> {
  loading.done ??= readFile(fileURLToPath(import.meta.resolve('@resvg/resvg-wasm/index_bg.wasm'))).then(
    (bytes) => initWasm(new Uint8Array(bytes)),
  )
  await loading.done
  const renderer = new Resvg(svg)
  try {
    const image = renderer.render()
    const bytes = image.asPng().slice()
    image.free()
    return bytes
  } finally {
    renderer.free()
  }
}
