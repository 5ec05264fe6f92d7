import type { Drawing, Figure } from '@attune/feedback'
import type { Simulation } from './simulation.ts'

/** From where a model is seen: from its side (x to the right, z up) or from above (x, y), how wide, and whether it is followed. */
export interface View {
  readonly from: 'side' | 'top'
  /** Width of the picture in metres; its height is three quarters of that. */
  readonly width: number
  /** What is at the picture's middle: the first body's x (and y from above), or the origin. */
  readonly follow: boolean
  /** Height of the picture's middle above the origin, in metres. */
  readonly middle?: number
}

/** mjtGeom. */
const [plane, sphere, capsule, cylinder, cuboid] = [0, 2, 3, 5, 6]

interface Placed {
  readonly depth: number
  readonly figure: Figure
}

/**
 * The model's geoms in two dimensions, the farthest first, on a floor with a mark at every metre. Cylinders are drawn as capsules and
 * boxes as circles within them; ellipsoids, meshes and height fields are left out.
 */
export function modelDrawing(
  { model, data }: Pick<Simulation, 'model' | 'data'>,
  { from, width, follow, middle = 0 }: View,
): Drawing {
  const { geom_type: types, geom_size: sizes, geom_rgba: colours } = model
  const { geom_xpos: places, geom_xmat: turns, xpos } = data
  const [across, up, depth] = from === 'side' ? [0, 2, 1] : [0, 1, 2]
  const centre = follow ? xpos[3 + across!]! : 0
  const height = middle + (follow && from === 'top' ? xpos[3 + up!]! : 0)
  const placed: Placed[] = []
  for (let geom = 0; geom < model.ngeom; geom++) {
    const x = places[3 * geom + across!]!
    const y = places[3 * geom + up!]!
    const away = places[3 * geom + depth!]! * (from === 'side' ? -1 : 1)
    const fill = hex(colours.subarray(4 * geom, 4 * geom + 3))
    const [radius, half] = [sizes[3 * geom]!, sizes[3 * geom + 1]!]
    const type = types[geom]
    if (type === plane) continue
    if (type === sphere) placed.push({ depth: away, figure: { kind: 'circle', x, y, radius, fill } })
    else if (type === capsule || type === cylinder) {
      const dx = turns[9 * geom + 3 * across! + 2]! * half
      const dy = turns[9 * geom + 3 * up! + 2]! * half
      placed.push({
        depth: away,
        figure: { kind: 'capsule', from: [x - dx, y - dy], to: [x + dx, y + dy], radius, fill },
      })
    } else if (type === cuboid)
      placed.push({ depth: away, figure: { kind: 'circle', x, y, radius: Math.min(radius, half), fill } })
  }
  placed.sort((a, b) => a.depth - b.depth)
  const view = {
    left: centre - width / 2,
    right: centre + width / 2,
    bottom: height - 0.375 * width,
    top: height + 0.375 * width,
  }
  const hasFloor = types.includes(plane!)
  return {
    view,
    background: '#ffffff',
    figures: [...(hasFloor ? floor(view, from) : []), ...placed.map(({ figure }) => figure)],
  }
}

function floor(view: Drawing['view'], from: View['from']): Figure[] {
  const { left, right, bottom, top } = view
  const marks = Array.from(
    { length: Math.ceil(right) - Math.floor(left) + 1 },
    (_, i) => Math.floor(left) + i,
  )
  const line = (start: [number, number], end: [number, number], fill: string): Figure => ({
    kind: 'capsule',
    from: start,
    to: end,
    radius: (right - left) / 400,
    fill,
  })
  if (from === 'top') {
    const rows = Array.from(
      { length: Math.ceil(top) - Math.floor(bottom) + 1 },
      (_, i) => Math.floor(bottom) + i,
    )
    return [
      ...marks.map((x) => line([x, bottom], [x, top], '#e4e8ee')),
      ...rows.map((y) => line([left, y], [right, y], '#e4e8ee')),
    ]
  }
  return [
    {
      kind: 'polygon',
      points: [
        [left, 0],
        [right, 0],
        [right, bottom],
        [left, bottom],
      ],
      fill: '#dfe7dd',
    },
    ...marks.map((x) => line([x, 0], [x, -0.08], '#8a968a')),
  ]
}

function hex(rgb: Float32Array): string {
  return `#${Array.from(rgb, (part) =>
    Math.round(255 * part)
      .toString(16)
      .padStart(2, '0'),
  ).join('')}`
}
