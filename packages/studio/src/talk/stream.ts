/** The data of each server-sent event of an answer, as it comes in. */
export async function* eventsOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const reader = response.body!.getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    rest += done ? decoder.decode() : decoder.decode(value, { stream: true })
    const blocks = rest.split(/\r?\n\r?\n/)
    rest = done ? '' : blocks.pop()!
    for (const block of blocks) {
      const data = block
        .split(/\r?\n/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trimStart())
        .join('\n')
      if (data) yield data
    }
    if (done) return
  }
}

interface Chunk {
  readonly error?: { readonly message?: string }
  readonly choices?: readonly {
    readonly text?: string
    readonly delta?: { readonly content?: string | null }
  }[]
}

/** The pieces of text of OpenAI's streamed completions or chat completions. */
export async function* textOf(response: Response): AsyncGenerator<string> {
  for await (const data of eventsOf(response)) {
    if (data === '[DONE]') return
    const chunk = JSON.parse(data) as Chunk
    if (chunk.error) throw new Error(chunk.error.message ?? 'The model stopped.')
    const piece = chunk.choices?.[0]
    const text = piece?.text ?? piece?.delta?.content
    if (text) yield text
  }
}
