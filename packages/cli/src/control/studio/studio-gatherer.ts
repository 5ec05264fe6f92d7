import type { Clip, ClipJudgment, ClipPair, PreferenceGatherer } from '@attune/control'
import { type ClipComparison, newId, type Retraction } from '@attune/feedback'
import type { ClipFolder, ShownClip } from '../label/clip-folder.ts'
import { stoppedWaiting } from '../waiting.ts'
import { StudioAway, type StudioDesk } from './desk.ts'

/** How a gatherer works with people in a studio. */
export interface StudioGathererOptions {
  /** The run's folder, which keeps what the reward learner reads of the clips. */
  readonly folder: ClipFolder
  readonly show: (clip: Clip) => ShownClip | Promise<ShownClip>
  /** Judgments that the run has taken already. */
  readonly earlier?: readonly ClipJudgment[]
  /** The training waits while more answers than this are missing. */
  readonly mostWaiting?: number
  /** Seconds between looks while it waits. */
  readonly everySeconds?: number
  /** Told while it waits, and why the studio does not answer if it does not. */
  readonly onWait?: (missing: number, away?: string) => void
  /** Ends the waiting, without answers. */
  readonly signal?: AbortSignal
}

/**
 * Answers of people in a studio, taken as they arrive: every answer of every annotator, and a retraction for each that is no
 * longer in force there. While the studio is away nothing is lost: the training goes on, and pairs are sent when it is back.
 */
export function studioGatherer(
  desk: StudioDesk,
  {
    folder,
    show,
    earlier = [],
    mostWaiting = Infinity,
    everySeconds = 1,
    onWait,
    signal,
  }: StudioGathererOptions,
): PreferenceGatherer {
  const known = inForce(earlier)
  let unsent: (() => Promise<void>)[] = []
  let [waiting, away] = [0, undefined as string | undefined]

  const look = async (): Promise<readonly ClipJudgment[]> => {
    try {
      while (unsent.length > 0) {
        await unsent[0]!()
        unsent = unsent.slice(1)
      }
      const changes = changesOf(known, await desk.comparisons())
      waiting = await desk.waiting()
      away = undefined
      return changes
    } catch (cause) {
      if (!(cause instanceof StudioAway)) throw cause
      away = cause.message
      waiting = Math.max(waiting, unsent.length)
      return []
    }
  }
  return {
    ask: async (pairs: readonly ClipPair[]) => {
      for (const pair of pairs) {
        const shown = [await show(pair[0]), await show(pair[1])] as const
        await folder.ask(pair, shown)
        unsent.push(() => desk.ask(pair, shown))
      }
    },
    answers: async (atLeast = 0) => {
      const found = [...(await look())]
      const tooFew = () => found.length < atLeast && (waiting > 0 || away !== undefined)
      while (tooFew() || waiting > mostWaiting) {
        onWait?.(Math.max(atLeast - found.length, waiting - mostWaiting), away)
        // nothing is lost: what has come by then is taken by the run that goes on
        if (await stoppedWaiting(everySeconds, signal)) return []
        found.push(...(await look()))
      }
      return found
    },
    waiting: () => waiting,
  }
}

/** Comparisons that were neither taken back nor replaced, by id. */
function inForce(judgments: readonly ClipJudgment[]): Map<string, ClipComparison> {
  const found = new Map<string, ClipComparison>()
  for (const judgment of judgments) {
    if (judgment.supersedes) found.delete(judgment.supersedes)
    if (judgment.kind === 'clip-comparison' && judgment.id) found.set(judgment.id, judgment)
  }
  return found
}

/** What has come and what has gone since `known`, which is brought up to date. */
function changesOf(known: Map<string, ClipComparison>, now: readonly ClipComparison[]): ClipJudgment[] {
  const fresh = now.filter(({ id }) => !known.has(id!))
  const replaced = new Set(fresh.flatMap(({ supersedes }) => supersedes ?? []))
  const present = new Set(now.map(({ id }) => id!))
  const gone = [...known.values()].filter(({ id }) => !present.has(id!))
  for (const { id } of gone) known.delete(id!)
  for (const judgment of fresh) known.set(judgment.id!, judgment)
  return [...gone.filter(({ id }) => !replaced.has(id!)).map(retraction), ...fresh]
}

function retraction({ id, item, annotator, protocol }: ClipComparison): Retraction {
  const time = new Date().toISOString()
  return { kind: 'retraction', id: newId(), item, annotator, time, protocol, supersedes: id! }
}
