import { newId } from '../../model/id.ts'
import type { Lease } from '../../model/lease.ts'
import type { Claim } from '../contract.ts'
import { goldIsDue, isAnswer } from '../rules.ts'
import type { ItemState, ProjectState, State } from './state.ts'

/** Frees the slots whose leases have expired. */
export function sweep(state: State, now: number): void {
  for (const lease of state.leases.values()) {
    if (Date.parse(lease.expiresAt) <= now) dropLease(state, lease)
  }
}

/** Ends a lease. */
export function dropLease(state: State, lease: Lease): void {
  state.leases.delete(lease.id)
  state.projects.get(lease.project)?.items.get(lease.item)?.leases.delete(lease.annotator)
}

/** Gives an annotator a lease on an item, or renews it. */
export function grant(
  state: State,
  target: ItemState,
  { annotator, expiresAt }: { annotator: string; expiresAt: number },
): Claim {
  const { item } = target
  const known = target.leases.get(annotator)
  const lease: Lease = {
    id: known?.id ?? newId(),
    project: item.project,
    item: item.id,
    annotator,
    expiresAt: new Date(expiresAt).toISOString(),
  }
  target.leases.set(annotator, lease)
  state.leases.set(lease.id, lease)
  const draft = target.drafts.get(annotator)?.body
  return { lease, item, ...(draft === undefined ? {} : { draft }) }
}

/** Whether a slot is free. */
export function hasRoom(target: ItemState): boolean {
  return target.filled + target.leases.size < target.need
}

/** The item that an annotator is asked next, or undefined. */
export function nextItem(project: ProjectState, annotator: string): ItemState | undefined {
  project.queue ??= [...project.items.values()].sort(
    (a, b) => (b.item.priority ?? 0) - (a.item.priority ?? 0) || a.shuffle - b.shuffle,
  )
  const answered = project.entries.filter(
    ({ active, judgment }) => active && judgment.annotator.id === annotator && isAnswer(judgment),
  )
  const counts = {
    gold: answered.filter(({ judgment }) => project.items.get(judgment.item)?.item.gold).length,
    all: answered.length,
  }
  const isFree = (target: ItemState) =>
    hasRoom(target) &&
    !target.leases.has(annotator) &&
    !target.answers.some(({ active, judgment }) => active && judgment.annotator.id === annotator)
  const ordinary = project.queue.filter((target) => !target.item.gold)
  const gold = goldIsDue(counts, project.project.protocol.goldShare)
    ? project.queue.find((target) => target.item.gold && !target.skips.has(annotator) && isFree(target))
    : undefined
  return (
    gold ??
    ordinary.find((target) => !target.skips.has(annotator) && isFree(target)) ??
    ordinary
      .filter((target) => target.skips.get(annotator)?.policy === 'to-me-later' && isFree(target))
      .sort((a, b) => (a.skips.get(annotator)!.time < b.skips.get(annotator)!.time ? -1 : 1))[0]
  )
}
