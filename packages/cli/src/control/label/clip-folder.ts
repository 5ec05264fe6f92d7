import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clip, type ClipJudgment, type Drawing, itemOf } from '@attune/control'
import { clipComparisonSchema, flagSchema, retractionSchema } from '@attune/feedback'
import { fileError, writeFileAtomic } from '@attune/lm'
import { z } from 'zod'
import { UserError } from '../../errors.ts'
import { appendDurably, readLines } from '../page/durable-lines.ts'

/** A pair that waits for an answer; its clips are files. */
export interface Query {
  readonly item: string
  readonly clips: readonly [string, string]
}

/** A clip as a person sees it. */
export interface ShownClip {
  readonly id: string
  readonly framesPerSecond: number
  readonly frames: readonly Drawing[]
}

const labelSchema = z.discriminatedUnion('kind', [clipComparisonSchema, retractionSchema, flagSchema])
/** A line of labels.jsonl: an answer, one taken back, or a pair that was skipped. */
export type Label = z.infer<typeof labelSchema>

/**
 * What a training and a labelling process share: `clips/<id>.json`, `queries.jsonl` (asked), `labels.jsonl` (answered, flushed to
 * disk before the page moves on). Each may stop and start at any time.
 */
export interface ClipFolder {
  readonly path: string
  readonly ask: (clips: readonly [Clip, Clip], shown: readonly [ShownClip, ShownClip]) => Promise<void>
  readonly queries: () => Promise<Query[]>
  /** Whether both clips of a pair are there. */
  readonly holds: (query: Query) => boolean
  readonly shown: (id: string) => Promise<ShownClip | undefined>
  /** All clips that were shown, with what the reward learner reads of them. */
  readonly clips: () => Promise<Clip[]>
  /** Keeps a label; one that `labels` could not read again is an error. */
  readonly label: (label: Label) => Promise<void>
  /** All labels; a line torn by a kill is left out, wherever it stands; any other broken one is an error that names it. */
  readonly labels: () => Promise<Label[]>
}

/** Opens a folder of clips, making it when it is not there. */
export async function clipFolder(path: string): Promise<ClipFolder> {
  const clipPath = (id: string) => join(path, 'clips', `${encodeURIComponent(id)}.json`)
  await mkdir(join(path, 'clips'), { recursive: true }).catch((cause) => {
    throw fileError(path, cause)
  })
  const labelsPath = join(path, 'labels.jsonl')
  return {
    path,
    ask: async (clips, shown) => {
      for (const [i, clip] of clips.entries())
        await writeFileAtomic(clipPath(clip.id), [JSON.stringify({ clip: toJson(clip), shown: shown[i] })])
      const query: Query = { item: itemOf(clips), clips: [clips[0].id, clips[1].id] }
      await appendDurably(join(path, 'queries.jsonl'), query)
    },
    queries: async () => (await readLines(join(path, 'queries.jsonl'))).map(({ value }) => value as Query),
    holds: ({ clips }) => clips.every((id) => existsSync(clipPath(id))),
    shown: async (id) => (await readClip(clipPath(id)))?.shown,
    clips: async () => {
      const names = await readdir(join(path, 'clips'))
      const read = await Promise.all(
        names.filter((name) => name.endsWith('.json')).map((name) => readClip(join(path, 'clips', name))),
      )
      return read.flatMap((file) => (file ? [fromJson(file.clip)] : []))
    },
    label: async (label) => {
      checkLabel(label, `a label for ${labelsPath}`)
      await appendDurably(labelsPath, label)
    },
    labels: async () =>
      (await readLines(labelsPath)).map(({ value, line }) =>
        checkLabel(value, `${labelsPath}, line ${line}`),
      ),
  }
}

function checkLabel(value: unknown, place: string): Label {
  const parsed = labelSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const { path: field, message } = parsed.error.issues[0]!
  throw new UserError(`${place}: ${field.join('.') || 'the label'}: ${message}`)
}

/** The labels that say something about clips. */
export function clipJudgments(labels: readonly Label[]): ClipJudgment[] {
  return labels.flatMap((label) => (label.kind === 'flag' ? [] : [label]))
}

type ClipJson = ReturnType<typeof toJson>

function toJson({ observations, actions, rewards, ...clip }: Clip) {
  return { ...clip, observations: [...observations], actions: [...actions], rewards: [...rewards] }
}

function fromJson({ observations, actions, rewards, ...clip }: ClipJson): Clip {
  return {
    ...clip,
    observations: Float32Array.from(observations),
    actions: Float32Array.from(actions),
    rewards: Float32Array.from(rewards),
  }
}

async function readClip(path: string): Promise<{ clip: ClipJson; shown: ShownClip } | undefined> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined
    throw fileError(path, cause)
  })
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new UserError(
      `${path}: not JSON; remove the file: labels about it stay, and the pair is passed over`,
    )
  }
}
