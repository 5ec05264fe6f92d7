import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { ApiError } from './api-error.ts'

/** Sends an event of a name with JSON. */
export type Send = (event: string, data: unknown) => Promise<void>

const beat = 15_000
const mostStreams = 200
let open = 0

/** A live stream: `run` sends until the page leaves (`signal`); a comment every 15 s keeps it open. */
export function liveStream(c: Context, run: (send: Send, signal: AbortSignal) => Promise<void>): Response {
  if (open >= mostStreams)
    throw new ApiError(503, 'unavailable', 'too many live pages are open', { retryAfter: 5 })
  c.header('X-Accel-Buffering', 'no')
  return streamSSE(c, async (stream) => {
    open++
    const left = new AbortController()
    stream.onAbort(() => left.abort())
    const timer = setInterval(() => void stream.write(': still here\n\n').catch(() => left.abort()), beat)
    try {
      await stream.write('retry: 2000\n\n')
      await run((event, data) => stream.writeSSE({ event, data: JSON.stringify(data) }), left.signal)
    } finally {
      clearInterval(timer)
      open--
    }
  })
}

/** Resolves after a time, or at once when the signal is aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, milliseconds)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
