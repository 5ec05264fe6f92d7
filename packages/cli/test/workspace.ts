import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { newModel, parseConfig, saveModel, tokenizer, trainBpe } from '@attune/lm'

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
}

const words = ['good', 'bad', 'hope', 'war', 'peace', 'fear', 'joy', 'the', 'people', 'are']

/** A temporary folder with a tiny model, rows to train on, and the command to run there. */
export async function workspace() {
  const folder = await mkdtemp(join(tmpdir(), 'attune-cli-'))
  const path = (name: string) => join(folder, name)
  const text = Array.from({ length: 400 }, (_, i) => words[(i * 7 + (i >> 3)) % words.length]).join(' ')
  const special = ['<|endoftext|>', '<|pad|>']
  const tokens = tokenizer(trainBpe([text], { vocabularySize: 280, specialTokens: special }), {
    bos_token: special[0],
    add_bos_token: true,
    eos_token: special[0],
    pad_token: special[1],
  })
  const config = parseConfig(
    {
      model_type: 'llama',
      vocab_size: 280,
      hidden_size: 16,
      intermediate_size: 32,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      max_position_embeddings: 48,
      tie_word_embeddings: true,
    },
    'tiny',
  )
  await saveModel(path('model'), newModel(config, { tokenizer: tokens, seed: 0 }))
  const rows = Array.from({ length: 40 }, (_, i) => ({
    prompt: `the people ${words[i % 7]}`,
    completion: ` ${words[(i * 3) % 10]} ${words[(i * 5) % 10]}`,
  }))
  await writeRowsFile(path('rows.jsonl'), rows)
  await writeFile(path('text.txt'), text)
  return {
    path,
    write: (name: string, content: string) => writeFile(path(name), content),
    read: (name: string) => readFile(path(name)),
    start: (args: readonly string[]) => start(args, folder),
    attune: async (...args: string[]) => finished(start(args, folder)),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A run of all stages over the tiny model, small enough for a test. */
export const tinyRecipe = `name: tiny
seed: 1
threads: 1
stages:
  - { name: sft, stage: sft, model: model, data: rows.jsonl, steps: 8, batch_size: 8, learning_rate: 0.01, save_steps: 2 }
  - name: label
    stage: label
    model: stage:sft
    prompts: rows.jsonl
    items: 24
    max_new_tokens: 6
    gold: hopeful
    annotators: [{ id: one, temperature: 0.1, lapse_rate: 0.05 }]
  - { name: reward, stage: reward, model: stage:sft, comparisons: stage:label, held_out: 0.25, steps: 8, batch_size: 6, learning_rate: 0.01, save_steps: 2 }
  - { name: dpo, stage: dpo, model: stage:sft, comparisons: stage:label, held_out: 0.25, steps: 8, batch_size: 6, learning_rate: 0.01, loss: { kind: ipo, beta: 0.5 }, completion_weight: 0.1, save_steps: 2 }
  - name: ppo
    stage: ppo
    model: stage:sft
    reward: stage:reward
    prompts: rows.jsonl
    monitor: hopeful
    steps: 6
    batch_size: 8
    max_new_tokens: 6
    learning_rate: 0.003
    kl: { controller: adaptive, coefficient: 0.1, target: 2 }
    epochs: 2
    minibatches: 2
    save_steps: 1
  - { name: evaluate, stage: evaluate, before: stage:sft, after: stage:ppo, reward: stage:reward, prompts: rows.jsonl, items: 16, max_new_tokens: 6, gold: hopeful, best_of: 2 }
`

async function writeRowsFile(path: string, rows: readonly object[]): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
}

function start(args: readonly string[], cwd: string): ChildProcess {
  return spawn(process.execPath, [resolve('packages/cli/bin/attune.js'), ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Waits for a command to end. */
export function finished(child: ChildProcess): Promise<CommandResult> {
  let stdout = ''
  let stderr = ''
  child.stdout!.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr!.on('data', (chunk) => {
    stderr += chunk
  })
  return new Promise((done) => child.on('close', (code) => done({ stdout, stderr, code })))
}
