import { box } from '../envs/space.ts'
import { boardPicture, type Cell } from './board-picture.ts'
import type { Game } from './game.ts'

interface Walk {
  row: number
  column: number
}

/** Up, right, down, left. */
const directions = [
  [-1, 0],
  [0, 1],
  [1, 0],
  [0, -1],
] as const

/**
 * A grid world drawn as text: `S` start, `G` goal, `#` wall, `~` pit, any other character floor; indentation of all rows and blank
 * lines around them are no part of it. Every step costs `stepCost` (1), the goal gives 10 and a pit −10, and both end the episode;
 * `slip` is the probability that the walk goes to a side. The observation is one-hot over the cells. Throws when rows differ in
 * length, or there is not one start and one goal.
 */
export function gridWorld(
  map: string,
  { id = 'GridWorld', slip = 0, stepCost = 1 }: { id?: string; slip?: number; stepCost?: number } = {},
): Game<Walk> {
  const { rows, columns, at, start } = readMap(map)
  return {
    id,
    observationSpace: box([rows * columns], 0, 1),
    actions: directions.length,
    start: () => ({ ...start }),
    act: (state, action, draws) => {
      const side = slip > 0 && draws.uniform() < slip ? (draws.int(2) === 0 ? 1 : 3) : 0
      const [down, right] = directions[(action + side) % directions.length]!
      const target = { row: state.row + down, column: state.column + right }
      if (at(target) !== '#') Object.assign(state, target)
      const here = at(state)
      const bonus = here === 'G' ? 10 : here === '~' ? -10 : 0
      return { reward: bonus - stepCost, over: bonus !== 0 }
    },
    observe: ({ row, column }) => {
      const observation = new Float32Array(rows * columns)
      observation[row * columns + column] = 1
      return observation
    },
    draw: (state) => {
      const colours: Readonly<Record<string, string>> = { '#': '#555555', '~': '#d55e00', G: '#009e73' }
      const cells: Cell[] = []
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const fill = colours[at({ row, column })]
          if (fill) cells.push({ row, column, fill })
        }
      return boardPicture({ rows, columns }, [...cells, { ...state, fill: '#0072b2' }])
    },
  }
}

function readMap(map: string) {
  const rows = map
    .replace(/^\s*\n/, '')
    .replace(/\r?\n\s*$/, '')
    .split(/\r?\n/)
  const indents = rows.filter((row) => row.trim() !== '').map((row) => row.search(/\S/))
  const lines = rows.map((row) => row.slice(Math.min(...indents)))
  const columns = lines[0]?.length ?? 0
  const ragged = lines.findIndex((line) => line.length !== columns)
  if (ragged >= 0)
    throw new RangeError(
      `grid world: row ${ragged + 1} has ${lines[ragged]!.length} cells, the first has ${columns}`,
    )
  for (const mark of ['S', 'G']) {
    const found = lines.join('').split(mark).length - 1
    if (found !== 1) throw new RangeError(`grid world: the map has ${found} '${mark}', expected one`)
  }
  const row = lines.findIndex((line) => line.includes('S'))
  return {
    rows: lines.length,
    columns,
    start: { row, column: lines[row]!.indexOf('S') },
    /** The cell's mark; outside the map there is wall. */
    at: (place: Walk) => lines[place.row]?.[place.column] ?? '#',
  }
}
