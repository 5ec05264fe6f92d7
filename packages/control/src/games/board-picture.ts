import type { Colour, Drawing, Figure } from '@attune/feedback'

/** A cell of a board to be coloured. */
export interface Cell {
  readonly row: number
  readonly column: number
  readonly fill: Colour
}

/** Colours that differ for people with any colour vision (Okabe and Ito 2008), for channels in order. */
export const channelColours: readonly Colour[] = [
  '#0072b2',
  '#d55e00',
  '#bdbdbd',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#7f7f7f',
  '#f0e442',
  '#000000',
]

/** A board seen from above, row 0 on top, later cells over earlier ones. */
export function boardPicture(
  { rows, columns }: { rows: number; columns: number },
  cells: readonly Cell[],
): Drawing {
  return {
    view: { left: 0, right: columns, bottom: 0, top: rows },
    background: '#ffffff',
    figures: [ground(rows, columns), ...cells.map((cell) => square(cell, rows))],
  }
}

/** The board itself, which is seen even where nothing stands. */
function ground(rows: number, columns: number): Figure {
  const points = [
    [0, 0],
    [columns, 0],
    [columns, rows],
    [0, rows],
  ] as const
  return { kind: 'polygon', points, fill: '#eef0f2' }
}

function square({ row, column, fill }: Cell, rows: number): Figure {
  const [left, right, top, bottom] = [column + 0.05, column + 0.95, rows - row - 0.05, rows - row - 0.95]
  return {
    kind: 'polygon',
    points: [
      [left, bottom],
      [right, bottom],
      [right, top],
      [left, top],
    ],
    fill,
  }
}
