import { expect, test } from 'vitest'
import { gridWorld } from './grid-world.ts'

test('blanks are cells of a map, but for indentation that all rows have', () => {
  const cells = (map: string) => gridWorld(map).observationSpace.shape
  expect(cells(' S\nG ')).toEqual([4])
  expect(cells('\n    S .\n     # \n    G .\n  ')).toEqual([9])
  expect(cells('\r\n  S.\r\n  .G\r\n')).toEqual([4])
  expect(cells('S.\n  \n.G')).toEqual([6])
  expect(() => gridWorld('S. \n.G')).toThrow('row 2 has 2 cells, the first has 3')
  expect(() => gridWorld(' \n ')).toThrow("the map has 0 'S'")
})
