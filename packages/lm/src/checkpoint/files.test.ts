import type { FileHandle } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readExactly } from './files.ts'

/** A file that gives at most `most` bytes a read, of `size` in all, and tells what it was asked for. */
function fakeFile(size: number, most = Number.POSITIVE_INFINITY) {
  const asked: number[][] = []
  const read = async (buffer: Buffer, offset: number, length: number, position: number) => {
    asked.push([offset, length, position])
    return { buffer, bytesRead: Math.max(0, Math.min(length, most, size - position)) }
  }
  return { asked, file: { read } as unknown as Pick<FileHandle, 'read'> }
}

test('a long stretch is read in parts of at most 1 GiB', async () => {
  const length = 2 ** 31 + 8
  const { asked, file } = fakeFile(length + 5)
  await readExactly(file, { path: 'x', position: 5, length })
  expect(asked).toEqual([
    [0, 2 ** 30, 5],
    [2 ** 30, 2 ** 30, 5 + 2 ** 30],
    [2 ** 31, 8, 5 + 2 ** 31],
  ])
})

test('what a read leaves is read again, and an end too early is told', async () => {
  const { asked, file } = fakeFile(10, 4)
  await readExactly(file, { path: 'x', position: 1, length: 9 })
  expect(asked.map(([, length]) => length)).toEqual([9, 5, 1])
  await expect(readExactly(file, { path: 'x', position: 1, length: 12 })).rejects.toThrow(
    'x: the file ends at byte 10, expected 13',
  )
})
