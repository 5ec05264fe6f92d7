import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { ApiError } from './api-error.ts'

/** Sends an event of a name with JSON. */
export type Send = (event: string, data: unknown) => Promise<void>

/** When a stream ends that its reader does not leave. */
export interface LiveOptions {
  /** Asked at each beat: false ends the stream, and a browser asks for it anew. */
  readonly mayStay: () => Promise<boolean>
  /** Milliseconds between beats. */
  readonly beat?: number
}

const mostStreams = 200
let open = 0

/** A live stream: `run` sends until the page leaves or may not stay (`signal`); a comment at each beat keeps it open. */
export function liveStream(
  c: Context,
  { mayStay, beat = 15_000 }: LiveOptions,
  run: (send: Send, signal: AbortSignal) => Promise<void>,
): Response {
  if (open >= mostStreams)
    throw new ApiError(503, 'unavailable', 'too many live pages are open', { retryAfter: 5 })
  c.header('X-Accel-Buffering', 'no')
  return streamSSE(c, async (stream) => {
    open++
    const left = new AbortController()
    stream.onAbort(() => left.abort())
    const look = async () => {
      if (await mayStay()) await stream.write(': still here\n\n')
      else left.abort()
    }
    const timer = setInterval(() => void look().catch(() => left.abort()), beat)
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
