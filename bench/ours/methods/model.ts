import { readFileSync } from 'node:fs'
import { adamw, cpu, ndarray, type Parameters } from '@attune/grad'
import { loadModel, loraConfig, type Model, parseConfig, withLora } from '@attune/lm'
import type { StepRecord, Trainable } from '@attune/rlhf'
import { type BenchModel, smollm2Folder, tokenizerFolder } from '../../methods.ts'
import { config, threads } from '../../workload.ts'
import { benchModel } from '../model.ts'
import { median, processorSeconds, report } from '../report.ts'

const which = process.argv[2] as BenchModel
const folder = which === 'gpt' ? tokenizerFolder : smollm2Folder
const loaded = await loadModel(folder)

/** The model that is measured. */
export const base: Model =
  which === 'gpt' ? { ...loaded, ...benchModel(), config: parseConfig(config, 'bench') } : loaded

/** Both sides use as many threads. */
export const device = cpu({ threads })

const { model } = JSON.parse(readFileSync(`${folder}/tokenizer.json`, 'utf8')) as {
  model: { vocab: Record<string, number> }
}
const words = Object.entries(model.vocab)
  .filter(([token]) => /^Ġ[a-z]+$/.test(token))
  .map(([, id]) => id)
  .sort((a, b) => a - b)

/** A row of words that are one token each; the peers make the same. */
export function row(seed: number, length: number): number[] {
  return Array.from({ length }, (_, i) => words[(37 * seed + 11 * i) % words.length]!)
}

/** The model whole, with an optimiser. */
export function trainable(model: Model = base): Trainable {
  return { ...model, optimizer: adamw({ learningRate: 1e-5, maxGradientNorm: 1 }) }
}

/** An adapter of rank 16 on every projection, with an optimiser. */
export function adapted(): Trainable {
  const config = loraConfig({ r: 16, lora_alpha: 32, base_model_name_or_path: folder })
  return trainable(withLora(base, config, { seed: 0 }))
}

/** The model with a scalar head. */
export function scorer(): { architecture: Model['architecture']; parameters: Parameters } {
  const { architecture, parameters } = base
  const head = ndarray(new Float32Array(architecture.width).fill(0.01), [1, architecture.width])
  return { architecture, parameters: { ...parameters, 'score.weight': head } }
}

/** Reports the middle of a trainer's steps but the first, which compiles: seconds, and seconds of processors. */
export async function reportSteps(records: AsyncIterable<StepRecord>): Promise<void> {
  const [seconds, processors]: [number[], number[]] = [[], []]
  let last: { at: number; used: number } | undefined
  for await (const _ of records) {
    const now = { at: performance.now() / 1000, used: processorSeconds() }
    if (last) {
      seconds.push(now.at - last.at)
      processors.push(now.used - last.used)
    }
    last = now
  }
  report({ seconds: median(seconds), processors: median(processors) })
}
