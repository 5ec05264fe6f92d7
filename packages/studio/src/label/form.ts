import type { Answer, Project } from '@attune/server'
import type { Task } from './desk-state.ts'

/** What the form of a kind of judgment gets. It is made anew for each task. */
export interface FormProps {
  readonly task: Task
  readonly protocol: Project['protocol']
  /** Hands in the answer; `draft` brings the form back as it was, for undo. */
  readonly submit: (answer: Answer, draft?: unknown, comment?: string) => void
  /** Leaves the task to others, with the reason. */
  readonly skip: (reason: string) => void
  /** Keeps what is typed so far. */
  readonly keep: (draft: unknown) => void
}

/** Names of the places: A, B, C, … */
export function letter(place: number): string {
  return String.fromCharCode(65 + place)
}
