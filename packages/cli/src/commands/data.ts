import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadModel, loadTokenizer, type Tokenizer, type Wanted } from '@attune/lm'
import { inspect, wantedTypes } from '../data/inspect.ts'
import { encoderOf } from '../data/load.ts'
import { showInspection } from '../data/show.ts'
import { UserError } from '../errors.ts'
import { number } from './generate.ts'

/** Flags of `attune data inspect`, as commander gives them. */
export interface InspectFlags {
  readonly model: string
  readonly type?: string
  readonly maxLength?: string
  readonly samples: string
  readonly json?: boolean
}

/** Prints what a trainer would see of a file: its type, lengths, problems, and rows token by token with what is learnt. */
export async function inspectCommand(file: string, flags: InspectFlags): Promise<void> {
  const found = await inspect(file, {
    encoder: encoderOf(await tokenizerOf(flags.model)),
    wanted: flags.type === undefined ? undefined : wantedType(flags.type),
    limit:
      flags.maxLength === undefined
        ? undefined
        : number(flags.maxLength, '--max-length', { whole: true, least: 1 }),
    samples: number(flags.samples, '--samples', { whole: true, least: 0 }),
  })
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(found)}\n`
      : showInspection(found, { colour: process.stdout.isTTY && !process.env.NO_COLOR }),
  )
  if (found.problems.length > 0) process.exitCode = 2
}

/** The tokenizer of a folder without its weights; a GGUF file or an adapter is loaded whole. */
async function tokenizerOf(path: string): Promise<Tokenizer> {
  if (existsSync(join(path, 'tokenizer.json'))) return loadTokenizer(path)
  return (await loadModel(path)).tokenizer
}

function wantedType(name: string): Wanted {
  const type = wantedTypes.find((each) => each === name)
  if (!type) throw new UserError(`--type is '${name}', expected one of ${wantedTypes.join(', ')}`)
  return type
}
