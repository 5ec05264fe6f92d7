export {
  type Gpt2Config,
  type GptNeoxConfig,
  type LlamaConfig,
  type ModelConfig,
  parseConfig,
} from './checkpoint/config.ts'
export { fileError, readJson, syncFolder, writeFileAtomic } from './checkpoint/files.ts'
export { readParameters, saveModel } from './checkpoint/folder.ts'
export { loadModel } from './checkpoint/load.ts'
export { type Adapter, architectureOf, type Model, newModel } from './checkpoint/model.ts'
export {
  readSafetensors,
  type SafetensorsFile,
  type StoredType,
  writeSafetensors,
} from './checkpoint/safetensors.ts'
export {
  type Completion,
  type GenerateOptions,
  type Generator,
  type GeneratorOptions,
  generator,
  weightsOf,
} from './generate/generate.ts'
export { drawToken, type SamplingOptions } from './generate/sample.ts'
export { mergeAdapter, withLora } from './lora/adapter.ts'
export { type LoraConfig, loraConfig } from './lora/config.ts'
export { loadAdapter } from './lora/files.ts'
export {
  type Architecture,
  initialise,
  type LayerCache,
  logits,
  normalArray,
  type TrunkInput,
  type TrunkOutput,
} from './models/architecture.ts'
export { loadTokenizer, type Tokenizer, tokenizer } from './tokenizer/tokenizer.ts'
export { type BpeOptions, type BpeTokenizerJson, trainBpe } from './tokenizer/train-bpe.ts'
