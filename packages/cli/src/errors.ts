/** A mistake in what the user gave: shown as one message without a stack trace. */
export class UserError extends Error {
  override readonly name = 'UserError'
}
