import { Problem } from '../api/client.ts'

/** How long a task is held for a person, until it is extended. */
export const leaseSeconds = 900

/** Whether the server says that a lease has ended, or is not ours. */
export function isGone(error: unknown): boolean {
  return error instanceof Problem && (error.code === 'lease-gone' || error.status === 404)
}
