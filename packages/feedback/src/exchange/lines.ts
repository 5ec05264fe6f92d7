import { type StoreEvent, storeEventSchema } from '../store/event.ts'

/** Values as JSON Lines. */
export async function* eventLines(
  values: AsyncIterable<unknown> | Iterable<unknown>,
): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`
}

/** Store events of a lossless export. Throws with the line of what is malformed; empty lines are passed over. */
export async function* eventsFromLines(
  lines: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<StoreEvent> {
  let number = 0
  for await (const line of lines) {
    number++
    if (line.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch (cause) {
      throw new RangeError(`line ${number}: not JSON (${(cause as Error).message})`)
    }
    const { success, data, error } = storeEventSchema.safeParse(value)
    if (!success) {
      const [issue] = error.issues
      throw new RangeError(`line ${number}, field ${issue!.path.join('.')}: ${issue!.message}`)
    }
    yield data
  }
}
