import type { Clip, ClipJudgment, ClipPair, PreferenceGatherer } from '@attune/control'
import { type ClipComparison, newId, type Retraction } from '@attune/feedback'
import type { ClipFolder, Query, ShownClip } from '../label/clip-folder.ts'
import { inForce } from '../label/queue.ts'
import { stoppedWaiting } from '../waiting.ts'
import { type AboutClips, StudioAway, type StudioDesk } from './desk.ts'

/** How a gatherer works with people in a studio. */
export interface StudioGathererOptions {
  /** The run's folder, which keeps what the reward learner reads of the clips. */
  readonly folder: ClipFolder
  readonly show: (clip: Clip) => ShownClip | Promise<ShownClip>
  /** Judgments that the run has taken already. */
  readonly earlier?: readonly ClipJudgment[]
  /** The training waits while more pairs than this are unanswered, so that it does not run away from people. */
  readonly mostWaiting?: number
  /** Seconds between looks while it waits. */
  readonly everySeconds?: number
  /** Told while it waits, and why the studio does not answer if it does not. */
  readonly onWait?: (missing: number, away?: string) => void
  /** Ends the waiting, without answers. */
  readonly signal?: AbortSignal
}

/**
 * Answers of people in a studio to what the run has asked, taken as they arrive: every answer of every annotator, and a retraction
 * for each that is no longer in force there. While the studio is away nothing is lost: the training goes on, and the run's folder
 * keeps the pairs, which are sent when it is back, be it by the run that goes on.
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
  const visit = visits(desk, folder, earlier)
  let [open, waiting, away] = [0, 0, undefined as string | undefined]
  const look = async (): Promise<readonly ClipJudgment[]> => {
    try {
      const visited = await visit()
      ;[open, waiting, away] = [visited.open, visited.waiting, undefined]
      return visited.changes
    } catch (cause) {
      if (!(cause instanceof StudioAway)) throw cause
      away = cause.message
      return []
    }
  }
  return {
    ask: async (pairs: readonly ClipPair[]) => {
      for (const pair of pairs) await folder.ask(pair, [await show(pair[0]), await show(pair[1])])
      waiting += pairs.length
    },
    answers: async (atLeast = 0) => {
      const found = [...(await look())]
      const tooFew = () => found.length < atLeast && (open > 0 || away !== undefined)
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

/** What a visit to the studio finds. */
interface Visit {
  readonly changes: readonly ClipJudgment[]
  /** Pairs of the run that want answers still, and those of them that nobody has answered. */
  readonly open: number
  readonly waiting: number
}

/** Each visit sends the pairs of the run's folder that the project lacks, and finds what has changed about them since the last one. */
function visits(
  desk: StudioDesk,
  folder: ClipFolder,
  earlier: readonly ClipJudgment[],
): () => Promise<Visit> {
  const before = inForce(earlier).filter((label) => label.kind === 'clip-comparison')
  const known = new Map(before.filter(({ project }) => project === desk.project).map((one) => [one.id!, one]))
  const sent = new Set(before.map(pairOf)) // what was answered elsewhere is not asked again
  return async () => {
    const queries = await folder.queries()
    for (const query of queries) {
      if (sent.has(query.item)) continue
      await send(query, desk, folder)
      sent.add(query.item)
    }
    const asked = new Set(queries.map(pairOf))
    const isOwn = (about: AboutClips) => asked.has(pairOf(about))
    // in this order: what is answered between the two is in both, and not in neither
    const open = (await desk.open()).filter(isOwn)
    const now = (await desk.comparisons()).filter(isOwn)
    const waiting = open.filter(({ filled }) => filled === 0).length
    return { changes: changesOf(known, now), open: open.length, waiting }
  }
}

/** Asks about a pair, unless a clip of it is gone or only a simulation has looked at it. */
async function send({ item, clips }: Query, desk: StudioDesk, folder: ClipFolder): Promise<void> {
  const [first, second] = [await folder.shown(clips[0]), await folder.shown(clips[1])]
  if (first?.frames.length && second?.frames.length) await desk.ask({ item, clips }, [first, second])
}

/** The pair of clips, as a query's item names it. */
function pairOf({ clips }: AboutClips): string {
  return clips.join(' ')
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
