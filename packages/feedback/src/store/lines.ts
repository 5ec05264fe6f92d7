import { createReadStream } from 'node:fs'

/**
 * Lines of a JSON Lines file. Only a line feed ends one: JSON leaves U+2028 and U+2029 as they are, at which `node:readline` may
 * cut. `chunkBytes` is what is read at a time.
 */
export async function* fileLines(path: string, { chunkBytes = 1 << 16 } = {}): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: chunkBytes })) {
    const pieces = (chunk as string).split('\n')
    pieces[0] = rest + pieces[0]
    rest = pieces.pop()!
    yield* pieces
  }
  if (rest !== '') yield rest
}
