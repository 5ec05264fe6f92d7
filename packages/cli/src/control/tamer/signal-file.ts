import { join } from 'node:path'
import type { RecordedStep, Signal } from '@attune/control'
import { z } from 'zod'
import { UserError } from '../../errors.ts'
import { appendAll, appendDurably, readLines } from '../page/durable-lines.ts'

const index = z.int().min(0)
const seconds = z.number().min(0)

const lineSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('signal'),
    /** Made by the page; the same one twice counts once. */
    id: z.string().min(1),
    /** The step that was seen, from 0. */
    step: index,
    time: seconds,
    value: z.number(),
  }),
  z.strictObject({ kind: z.literal('step'), step: index, action: index, start: seconds, end: seconds }),
])

/** A signal as it lies in the file. */
export type SignalLine = Extract<z.infer<typeof lineSchema>, { kind: 'signal' }>
/** A step that was seen, as it lies in the file. */
export type StepLine = Extract<z.infer<typeof lineSchema>, { kind: 'step' }>

/**
 * `signals.jsonl` of a run: every step that was seen, and before it every signal that was given until its end. It is all that the weights follow
 * from. A signal is on the disk before it is acknowledged, and a step that has no line was never learnt from.
 */
export interface SignalFile {
  readonly path: string
  /** What was there when the file was opened. */
  readonly steps: readonly RecordedStep[]
  /** Signals of a step that did not end. */
  readonly open: readonly Signal[]
  /** Signals that were there, of all steps. */
  readonly given: number
  /** The latest time in the file. */
  readonly time: number
  /** Keeps a signal; false when it is there already. */
  readonly signal: (line: Omit<SignalLine, 'kind'>) => Promise<boolean>
  readonly step: (line: Omit<StepLine, 'kind'>) => Promise<void>
  /** Keeps many lines of a simulation at once. */
  readonly keep: (lines: readonly (SignalLine | StepLine)[]) => Promise<void>
}

/** Opens the file of a run's folder. A line that is neither a step nor a signal is an error that names it. */
export async function signalFile(folder: string): Promise<SignalFile> {
  const path = join(folder, 'signals.jsonl')
  const steps: RecordedStep[] = []
  const ids = new Set<string>()
  let open: Signal[] = []
  let time = 0
  for (const { value, line } of await readLines(path)) {
    const parsed = lineSchema.safeParse(value)
    if (!parsed.success) {
      const { path: field, message } = parsed.error.issues[0]!
      throw new UserError(`${path}, line ${line}: ${field.join('.') || 'the line'}: ${message}`)
    }
    const row = parsed.data
    if (row.kind === 'signal') {
      ids.add(row.id)
      open.push({ value: row.value, time: row.time })
      time = Math.max(time, row.time)
      continue
    }
    if (row.step !== steps.length)
      throw new UserError(
        `${path}, line ${line}: step ${row.step} follows ${steps.length} steps; a line is missing or twice there`,
      )
    steps.push({ action: row.action, start: row.start, end: row.end, signals: open })
    open = []
    time = Math.max(time, row.end)
  }
  return {
    path,
    steps,
    open,
    given: steps.reduce((total, { signals }) => total + signals.length, open.length),
    time,
    signal: async (line) => {
      if (ids.has(line.id)) return false
      ids.add(line.id)
      try {
        await appendDurably(path, { kind: 'signal', ...line })
      } catch (cause) {
        ids.delete(line.id) // it may be sent again
        throw cause
      }
      return true
    },
    step: (line) => appendDurably(path, { kind: 'step', ...line }, { sync: false }),
    keep: (lines) => appendAll(path, lines),
  }
}
