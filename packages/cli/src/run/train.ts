import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tokenizer } from '@attune/lm'
import { NotFiniteError, type StepRecord } from '@attune/rlhf'
import { UserError } from '../errors.ts'
import type { StopRule } from '../recipe/fields.ts'
import { note } from '../view/note.ts'
import { progress } from '../view/progress.ts'
import { shownPrompt } from '../view/prompt.ts'
import { restoreCheckpoint, saveCheckpoint, type TrainingState } from './checkpoint.ts'
import { Interrupted, type StageContext } from './context.ts'
import { appendRow, readLog, truncateLog } from './jsonl.ts'
import { stopWatch } from './stop-rule.ts'

/** What a training stage gives to the loop that follows it. */
export interface Training {
  readonly state: TrainingState
  readonly steps: number
  readonly saveSteps: number
  /** Rules that end the run early. */
  readonly stopWhen?: readonly StopRule[]
  /** Metrics for the live view, the most telling first. */
  readonly watch: readonly string[]
  /** The trainer, from a step that is already done. */
  readonly start: (step: number) => AsyncGenerator<StepRecord>
  /** Extra numbers for a step's record. */
  readonly observe?: () => Record<string, number>
  /** Reads the sampled records for people. */
  readonly tokenizer?: Pick<Tokenizer, 'decode' | 'beginOfText'>
}

/** Follows a trainer: logs every step, saves checkpoints, stops when asked. Returns the last step's metrics. */
export async function train(context: StageContext, training: Training): Promise<Record<string, number>> {
  const { folder, signal } = context
  const checkpoints = join(folder, 'checkpoints')
  await mkdir(checkpoints, { recursive: true })
  const start = context.resume ? await restoreCheckpoint(checkpoints, training.state) : 0
  const logs = { metrics: join(folder, 'metrics.jsonl'), samples: join(folder, 'samples.jsonl') }
  for (const log of Object.values(logs)) await truncateLog(log, start)
  const view = progress(context.name, { steps: training.steps, start, watch: training.watch })
  const began = performance.now()
  const rules = stopWatch(training.stopWhen ?? [])
  const warn = () => {
    const unknown = rules.unknown()
    if (unknown) note(`${context.name}: ${unknown}`)
  }
  let last: Record<string, number> = {}
  let reason: string | undefined
  let before = 0 // seconds until the checkpoint
  for (const { step: _, seconds, ...metrics } of await readLog(logs.metrics)) {
    last = numbersOf(metrics)
    reason = rules.reason(last)
    before = Number(seconds)
  }
  let saved = start
  const save = async (step: number) => {
    await saveCheckpoint(checkpoints, { step, state: training.state })
    saved = step
  }
  try {
    for await (const { step, metrics, samples } of reason ? [] : training.start(start)) {
      last = { ...metrics, ...training.observe?.() }
      const seconds = before + (performance.now() - began) / 1000
      await appendRow(logs.metrics, { step, ...last, seconds: round(seconds) })
      for (const { prompt, completion, ...rest } of samples ?? []) {
        await appendRow(logs.samples, {
          step,
          prompt: training.tokenizer ? shownPrompt(training.tokenizer, prompt) : String(prompt),
          completion: training.tokenizer?.decode(completion) ?? String(completion),
          ...rest,
        })
      }
      view.update(step, last)
      reason = rules.reason(last)
      if (step === 1) warn()
      const stopping = signal.aborted && step < training.steps
      if (stopping || step % training.saveSteps === 0 || step === training.steps) await save(step)
      if (stopping)
        throw new Interrupted(`stopped after step ${step} of ${context.name}; go on with --resume`)
      if (reason && step > saved) await save(step)
      if (reason) break
    }
  } catch (cause) {
    if (!(cause instanceof NotFiniteError)) throw cause
    // some of the step's updates may have been made: what is in memory is of no step
    throw new UserError(`${context.name}: ${cause.message}. Step ${saved} is saved; go on with --resume`)
  }
  warn()
  if (reason) note(`${context.name}: stopped after step ${saved} of ${training.steps}, ${reason}`)
  view.done(
    training.watch
      .flatMap((name) => (last[name] === undefined ? [] : [`${name} ${last[name].toPrecision(4)}`]))
      .join(' · '),
  )
  return last
}

/** A line of the log as it was before JSON wrote what is no finite number as null. */
function numbersOf(metrics: Readonly<Record<string, number | string | null>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, value === null ? Number.NaN : Number(value)]),
  )
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
