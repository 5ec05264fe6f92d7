/** Lets text out as tokens come: never a part of a character, never a stop string or the beginning of one. */
export interface TextStream {
  /** The text that a further token lets out; `last` lets out all there is. */
  readonly push: (token: number, last: boolean) => string
}

/** A stream of one completion's text. */
export function textStream(
  decode: (tokens: readonly number[]) => string,
  stops: readonly string[],
): TextStream {
  const tokens: number[] = []
  let sent = 0
  return {
    push: (token, last) => {
      tokens.push(token)
      const whole = decode(tokens)
      const text = cutAtStop(whole, stops)
      const held = last || text.length < whole.length ? 0 : heldBack(text, stops)
      const out = text.slice(sent, Math.max(sent, text.length - held))
      sent += out.length
      return out
    },
  }
}

/** The text before the first stop string. */
export function cutAtStop(text: string, stops: readonly string[]): string {
  const ends = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0)
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends))
}

/** How many characters at the end may still change or turn out to begin a stop string. */
function heldBack(text: string, stops: readonly string[]): number {
  const unfinished = /\ufffd*$/.exec(text)![0].length
  const whole = text.slice(0, text.length - unfinished)
  const beginnings = stops.map((stop) => {
    for (let length = Math.min(stop.length - 1, whole.length); length > 0; length--)
      if (whole.endsWith(stop.slice(0, length))) return length
    return 0
  })
  return unfinished + Math.max(0, ...beginnings)
}
