/** What went wrong in a store, for callers that answer in another protocol. */
export type StoreErrorCode =
  | 'invalid' // the request is malformed
  | 'not-found'
  | 'not-allowed' // the protocol or another owner forbids it
  | 'lease-gone' // the lease expired, was released, or never was
  | 'conflict' // an id or key is taken by something else
  | 'locked' // another process owns the store
  | 'unavailable' // the database or the disk does not answer; try again

/** An error of a store; the message says where, what was found, and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
