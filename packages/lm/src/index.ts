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
export { columnsOf, exampleOf, typeOfRow } from './data/columns.ts'
export { convert, rankingPairs, type Wanted } from './data/convert.ts'
export { type Dataset, datasetOf, isChat, type RowProblem, shapeOf } from './data/dataset.ts'
export { dialogueMessages, dialogueText, isDialogue } from './data/dialogue.ts'
export {
  completionsOf,
  type EncodedCompletion,
  type EncodedRow,
  type Encoder,
  encodeCompletion,
  encodeExample,
  encodePrompt,
  encodeText,
  promptTokens,
} from './data/encode.ts'
export {
  type Example,
  type ExampleType,
  exampleTypes,
  type Placed,
  type PlacedRow,
  type Row,
  type TextOrChat,
} from './data/example.ts'
export { type MixturePart, mixture } from './data/mixture.ts'
export { lengthBuckets, packByLength } from './data/packing.ts'
export { type Generator, type GeneratorOptions, generator, weightsOf } from './generate/generate.ts'
export {
  type Completion,
  type DrawnToken,
  endsOf,
  type GenerateOptions,
  type TokenLogprob,
} from './generate/options.ts'
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
