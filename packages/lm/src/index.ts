export {
  type AssistantParts,
  assistantParts,
  type RenderedCompletion,
  renderCompletion,
} from './chat/assistant.ts'
export { encodeConversation, encodeParts, type MaskedTokens, turnEnd } from './chat/encode.ts'
export { type ChatMessage, isMessages } from './chat/message.ts'
export {
  type ChatTemplate,
  chatTemplate,
  chatTemplateOf,
  type RenderOptions,
  renderChat,
  type Span,
} from './chat/template.ts'
export { type Gpt2Config, type LlamaConfig, type ModelConfig, parseConfig } from './checkpoint/config.ts'
export { fileError, readJson, syncFolder, writeFileAtomic } from './checkpoint/files.ts'
export { architectureOf, loadModel, type Model, newModel, saveModel } from './checkpoint/model.ts'
export {
  readSafetensors,
  type SafetensorsFile,
  type StoredType,
  writeSafetensors,
} from './checkpoint/safetensors.ts'
export { type Completion, type GenerateOptions, type Generator, generator } from './generate/generate.ts'
export { drawToken, type SamplingOptions } from './generate/sample.ts'
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
