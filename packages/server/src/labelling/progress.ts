import type { FeedbackStore, Progress } from '@attune/feedback/store'

/** A project's progress, at most `age` milliseconds old; many who ask at once share one reading. */
export function recentProgress(
  store: FeedbackStore,
  age = 1000,
): (project: string, options?: { fresh?: boolean }) => Promise<Progress> {
  const read = new Map<string, { time: number; progress: Promise<Progress> }>()
  return (project, { fresh = false } = {}) => {
    const known = read.get(project)
    if (known && !fresh && Date.now() - known.time < age) return known.progress
    const progress = store.progress(project)
    read.set(project, { time: Date.now(), progress })
    progress.catch(() => read.delete(project))
    return progress
  }
}
