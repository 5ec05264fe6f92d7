import type { Clip, ClipPair, PreferenceGatherer } from '@attune/control'
import { stoppedWaiting } from '../waiting.ts'
import { type ClipFolder, clipJudgments, type Label, type ShownClip } from './clip-folder.ts'
import { inForce, openQueries } from './queue.ts'

/** How a gatherer waits for people. */
export interface FolderGathererOptions {
  /** Draws a clip for a person. */
  readonly show: (clip: Clip) => ShownClip | Promise<ShownClip>
  /** Labels that the caller has taken already. */
  readonly taken?: number
  /** The training waits while more pairs than this are unanswered, so that it does not run away from people. */
  readonly mostWaiting?: number
  /** Seconds between looks into the folder while it waits for the first answers. */
  readonly everySeconds?: number
  /** Told while it waits. */
  readonly onWait?: (missing: number) => void
  /** Ends the waiting, without answers. */
  readonly signal?: AbortSignal
}

/** Answers of people who label with `attune control label` in another process, while the training goes on. */
export function folderGatherer(
  folder: ClipFolder,
  { show, taken = 0, mostWaiting = Infinity, everySeconds = 1, onWait, signal }: FolderGathererOptions,
): PreferenceGatherer {
  let [seen, open] = [taken, 0]
  return {
    ask: async (pairs: readonly ClipPair[]) => {
      for (const pair of pairs) await folder.ask(pair, [await show(pair[0]), await show(pair[1])])
    },
    answers: async (atLeast = 0) => {
      for (;;) {
        const labels = await folder.labels()
        open = openQueries(await folder.queries(), labels).filter(folder.holds).length
        const given = answersOfPeople(labels) - answersOfPeople(labels.slice(0, seen))
        const missing = Math.max(open > 0 ? atLeast - given : 0, open - mostWaiting)
        if (missing <= 0) {
          const fresh = clipJudgments(labels.slice(seen))
          seen = labels.length
          return fresh
        }
        onWait?.(missing)
        // nothing is lost: what has come by then is taken by the run that goes on
        if (await stoppedWaiting(everySeconds, signal)) return []
      }
    },
    waiting: () => open,
  }
}

/** How many comparisons of people are in force. */
function answersOfPeople(labels: readonly Label[]): number {
  const ofPeople = ({ kind, annotator }: Label) => kind === 'clip-comparison' && annotator.source === 'person'
  return inForce(labels).filter(ofPeople).length
}
