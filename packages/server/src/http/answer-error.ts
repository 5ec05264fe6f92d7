import { StoreError, type StoreErrorCode } from '@attune/feedback/store'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { RefusedRequest, WorkerUnavailable } from '../inference/inference.ts'
import { ApiError } from './api-error.ts'

const ofStore: Readonly<Record<StoreErrorCode, ContentfulStatusCode>> = {
  invalid: 400,
  'not-found': 404,
  'not-allowed': 403,
  'lease-gone': 409,
  conflict: 409,
  locked: 503,
  unavailable: 503,
}

/** A failure as the API says it; what is not known is logged and answered without its details. */
export function toApiError(cause: unknown, log: (text: string) => void): ApiError {
  if (cause instanceof ApiError) return cause
  if (cause instanceof StoreError)
    return new ApiError(ofStore[cause.code], cause.code, cause.message, retry(ofStore[cause.code]))
  if (cause instanceof RefusedRequest) return new ApiError(400, 'invalid', cause.message)
  if (cause instanceof WorkerUnavailable) return new ApiError(503, 'unavailable', cause.message, retry(503))
  if (cause instanceof HTTPException)
    return new ApiError(cause.status as ContentfulStatusCode, 'invalid', cause.message || 'malformed request')
  if (isAway(cause))
    return new ApiError(503, 'unavailable', 'the database does not answer; try again', retry(503))
  log(`unexpected: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
  return new ApiError(500, 'internal', 'something went wrong here; the log of the server says what')
}

/** Whether a database is gone or busy: PostgreSQL's classes 08 and 57P, the system's codes, SQLite's lock. */
function isAway(cause: unknown): boolean {
  const { code = '', message = '' } = cause as { code?: unknown; message?: string }
  return (
    /^(08|57P0|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)/.test(String(code)) ||
    /connection (terminated|ended|refused)|timeout.*connect|database is locked/i.test(message)
  )
}

const retry = (status: number) => (status === 503 ? { retryAfter: 1 } : {})

/** Answers with an error's JSON. */
export function answerError(c: Context, error: ApiError): Response {
  const { field, retryAfter } = error.details
  if (retryAfter !== undefined) c.header('Retry-After', String(Math.ceil(retryAfter)))
  const body = { error: { code: error.code, message: error.message, ...(field ? { field } : {}) } }
  return c.json(body, error.status)
}
