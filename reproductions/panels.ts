/** A named line with one list of [x, y] for every seed; y is null where nothing was measured. */
export interface Line {
  readonly name: string
  readonly colour: string
  readonly dashed?: boolean
  readonly seeds: readonly (readonly (readonly [x: number, y: number | null])[])[]
}

/** One plot of a figure. */
export interface Panel {
  readonly title: string
  readonly lines: readonly Line[]
}

const [width, height] = [250, 190]
const margin = { left: 46, right: 18, top: 26, bottom: 30 }
const keyHeight = 30
const text = '#1d2329'

/** Panels side by side: the mean over seeds as a line, lowest to highest as a band, one key for all. */
export function panelsSvg(
  panels: readonly Panel[],
  labels: { readonly title: string; readonly x: string; readonly y: string },
): string {
  const columns = Math.min(3, panels.length)
  const rows = Math.ceil(panels.length / columns)
  const size = { width: columns * width + 22, height: keyHeight + rows * height + 18 }
  const drawn = panels.map(
    (panel, i) =>
      `<g transform="translate(${22 + (i % columns) * width} ${keyHeight + Math.floor(i / columns) * height})">${drawPanel(panel)}</g>`,
  )
  const names = new Map(panels.flatMap(({ lines }) => lines.map((line) => [line.name, line] as const)))
  const middle = keyHeight + (rows * height) / 2
  const axes = [
    `<text x="${size.width / 2}" y="${size.height - 6}" text-anchor="middle">${labels.x}</text>`,
    `<text x="13" y="${middle}" text-anchor="middle" transform="rotate(-90 13 ${middle})">${labels.y}</text>`,
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" font-family="sans-serif" font-size="11" fill="${text}">
<title>${labels.title}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
${key([...names.values()])}
${drawn.join('\n')}
${axes.join('\n')}
</svg>
`
}

function key(lines: readonly Line[]): string {
  let at = 30
  return lines
    .map((line) => {
      const from = at
      at += 42 + 6.2 * line.name.length
      return `<line x1="${from}" x2="${from + 22}" y1="14" y2="14" ${stroke(line)} stroke-width="2.5"/><text x="${from + 28}" y="18">${line.name}</text>`
    })
    .join('')
}

function drawPanel({ title, lines }: Panel): string {
  const points = lines.flatMap(({ seeds }) => seeds.flatMap(known))
  const highX = Math.max(...points.map(([x]) => x))
  const ys = points.map(([, y]) => y)
  const scale = niceTicks(Math.min(...ys), Math.max(...ys))
  const [low, high] = [scale[0]!, scale.at(-1)!]
  const x = (value: number) => margin.left + (value / highX) * (width - margin.left - margin.right)
  const y = (value: number) =>
    height - margin.bottom - ((value - low) / (high - low)) * (height - margin.top - margin.bottom)
  const grid = scale.map(
    (at) =>
      `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(at).toFixed(1)}" y2="${y(at).toFixed(1)}" stroke="#e7eaee"/><text x="${margin.left - 5}" y="${(y(at) + 4).toFixed(1)}" text-anchor="end" font-size="10" fill="#5b6670">${short(at)}</text>`,
  )
  const ends = niceTicks(0, highX)
    .filter((at) => at <= highX)
    .map(
      (at) =>
        `<text x="${x(at).toFixed(1)}" y="${height - margin.bottom + 14}" text-anchor="middle" font-size="10" fill="#5b6670">${short(at)}</text>`,
    )
  const heading = `<text x="${(margin.left + width - margin.right) / 2}" y="16" text-anchor="middle" font-size="12" font-weight="600">${title}</text>`
  const place = { x, y }
  return [heading, ...grid, ...ends, ...lines.map((line) => band(line, place))].join('')
}

interface Place {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
}

/** Mean and range over the seeds that have a value, at every x that any of them has. */
function band(line: Line, { x, y }: Place): string {
  const at = new Map<number, number[]>()
  for (const [step, value] of line.seeds.flatMap(known)) at.set(step, [...(at.get(step) ?? []), value])
  const steps = [...at].sort(([a], [b]) => a - b)
  const path = (pick: (values: number[]) => number) =>
    steps.map(([step, values]) => `${x(step).toFixed(1)},${y(pick(values)).toFixed(1)}`)
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const edge = [
    ...path((values) => Math.min(...values)),
    ...path((values) => Math.max(...values)).reverse(),
  ].join(' ')
  return `<polygon points="${edge}" fill="${line.colour}" opacity="0.14"/><polyline points="${path(mean).join(' ')}" fill="none" ${stroke(line)} stroke-width="1.8" stroke-linejoin="round"/>`
}

function stroke({ colour, dashed }: Line): string {
  return `stroke="${colour}"${dashed ? ' stroke-dasharray="5 3"' : ''}`
}

function known(
  seed: readonly (readonly [number, number | null])[],
): (readonly [step: number, value: number])[] {
  return seed.flatMap(([step, value]) => (value === null ? [] : [[step, value] as const]))
}

/** Four to seven round numbers that reach from below the lowest to above the highest. */
function niceTicks(low: number, high: number): number[] {
  const span = high - low || Math.abs(high) || 1
  const power = 10 ** Math.floor(Math.log10(span / 4))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => span / size <= 5)!
  const first = Math.floor(low / step)
  const count = Math.ceil(high / step) - first + 1
  return Array.from({ length: Math.max(count, 2) }, (_, i) => (first + i) * step)
}

function short(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`
  return String(Number(value.toPrecision(3)))
}
