import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Row } from '@attune/lm'
import {
  cosineLength,
  finalAnswer,
  formatReward,
  repetitionPenalty,
  sameAnswer,
  softOverlong,
} from '@attune/rlhf'
import { UserError } from '../errors.ts'
import { goldScores } from '../gold/gold.ts'
import type { RewardPart } from '../recipe/reward-part.ts'

/** A completion as a rule sees it: its text and tokens, the prompt's text, and the columns of the prompt's row. */
export interface Sample {
  readonly prompt: string
  readonly completion: string
  /** Number of the completion's tokens. */
  readonly tokens: number
  readonly row: Row
  /** File and line of the prompt. */
  readonly where: string
}

/** A rule that scores one completion; what a user's own file exports as its default. */
export type Rule = (sample: Sample) => number | Promise<number>

type RulePart = Exclude<RewardPart, { kind: 'model' | 'ensemble' | 'safety_gate' }>

/** The name and the rule of a part that needs no model. */
export async function ruleOf(part: RulePart): Promise<{ name: string; rule: Rule }> {
  switch (part.kind) {
    case 'gold':
      return { name: part.gold, rule: ({ completion }) => goldScores[part.gold](completion) }
    case 'answer':
      return { name: 'answer', rule: (sample) => Number(isRight(sample, part.column)) }
    case 'cosine_answer': {
      const shaped = cosineLength({ most: part.most })
      return { name: 'answer', rule: (sample) => shaped(isRight(sample, part.column), sample.tokens) }
    }
    case 'format': {
      const score = formatReward(part.pattern === undefined ? undefined : patternOf(part.pattern))
      return { name: 'format', rule: ({ completion }) => score(completion) }
    }
    case 'repetition': {
      const penalty = repetitionPenalty({ size: part.size })
      return { name: 'repetition', rule: ({ completion }) => penalty(completion) }
    }
    case 'overlong': {
      const penalty = softOverlong(part)
      return { name: 'overlong', rule: ({ tokens }) => penalty(tokens) }
    }
    case 'function':
      return { name: part.file.replace(/^.*\/|\.\w+$/g, ''), rule: await loadRule(part.file) }
  }
}

function isRight(sample: Sample, column: string): boolean {
  return sameAnswer(sample.completion, solutionOf(sample, column))
}

/** The solution in a column of a prompt's row. Throws with the row when it holds no number. */
export function solutionOf({ row, where }: Pick<Sample, 'row' | 'where'>, column: string): string {
  const solution = row[column]
  const text = typeof solution === 'number' ? String(solution) : solution
  if (typeof text === 'string' && finalAnswer(text) !== undefined) return text
  throw new UserError(
    `${where}: ${column} is ${JSON.stringify(solution)?.slice(0, 80) ?? 'missing'}, expected a number or a solution that ends in one`,
  )
}

function patternOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 's')
  } catch (cause) {
    throw new UserError(`a format reward's pattern: ${(cause as Error).message}`)
  }
}

async function importTypeScript(url: string): Promise<unknown> {
  const { tsImport } = await import('tsx/esm/api')
  return tsImport(url, import.meta.url)
}

/** The default export of a user's file. */
async function loadRule(file: string): Promise<Rule> {
  const url = pathToFileURL(resolve(file)).href
  const module = (await import(url).catch(async (cause) => {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return importTypeScript(url) // Node 20 without a loader
    throw new UserError(`${file}: cannot be loaded as a module (${message})`)
  })) as { default?: unknown }
  if (typeof module.default !== 'function')
    throw new UserError(
      `${file}: its default export is ${typeof module.default}, expected a function of { prompt, completion, row } to a number`,
    )
  return module.default as Rule
}
