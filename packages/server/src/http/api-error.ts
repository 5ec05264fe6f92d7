import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** A failure that the caller is told of, with an HTTP status. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: string,
    message: string,
    readonly details: { readonly field?: string; readonly retryAfter?: number } = {},
  ) {
    super(message)
  }
}

export const notFound = (what: string) => new ApiError(404, 'not-found', `${what} is not there`)

export const invalid = (field: string, message: string) =>
  new ApiError(400, 'invalid', `${field}: ${message}`, { field })

export const forbidden = (message: string) => new ApiError(403, 'forbidden', message)
