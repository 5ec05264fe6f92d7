import { loadGguf } from '../gguf/model.ts'
import { loadFolder } from './folder.ts'
import type { Model } from './model.ts'

/** Loads a model: a folder in Hugging Face's layout, or a GGUF file. */
export async function loadModel(path: string): Promise<Model> {
  return path.endsWith('.gguf') ? loadGguf(path) : loadFolder(path)
}
