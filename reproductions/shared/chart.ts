/** A named line with one list of [x, y] for every seed; y is null where nothing was measured. */
export interface Line {
  readonly name: string
  /** Of a palette that the colour-blind can tell apart, in order, when it is not given. */
  readonly colour?: string
  readonly dashed?: boolean
  readonly seeds: readonly (readonly (readonly [x: number, y: number | null])[])[]
}

/** One plot of a figure. */
export interface Panel {
  readonly title?: string
  readonly lines: readonly Line[]
}

/** Words of a figure, and its form. */
export interface ChartOptions {
  readonly title: string
  readonly x: string
  readonly y: string
  /** Pixels of a panel. */
  readonly size?: Size
  /** A logarithmic axis of x, from the lowest x that there is. */
  readonly logarithmic?: boolean
}

interface Size {
  readonly width: number
  readonly height: number
}

interface Axis {
  readonly ticks: readonly number[]
  /** Pixels of a value. */
  readonly at: (value: number) => number
}

const small = { width: 250, height: 190 }
const large = { width: 700, height: 400 }
const margin = { left: 46, right: 18, top: 26, bottom: 30 }
const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']
const [text, pale] = ['#1d2329', '#5b6670']

/** A figure as SVG: panels in rows of three, each the mean over seeds as a line and lowest to highest as a band, one key for all. */
export function chart(panels: readonly Panel[], options: ChartOptions): string {
  const size = options.size ?? (panels.length === 1 ? large : small)
  const columns = Math.min(3, panels.length)
  const rows = Math.ceil(panels.length / columns)
  const width = columns * size.width + 22
  const lines = [...new Map(panels.flatMap((panel) => coloured(panel).map((line) => [line.name, line])))]
  const key = keyOf(
    lines.map(([, line]) => line),
    width,
  )
  const height = key.height + rows * size.height + 18
  const drawn = panels.map((panel, i) => {
    const place = `${22 + (i % columns) * size.width} ${key.height + Math.floor(i / columns) * size.height}`
    return `<g transform="translate(${place})">${drawPanel(panel, size, options)}</g>`
  })
  const middle = key.height + (rows * size.height) / 2
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11" fill="${text}">
<title>${options.title}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
${key.svg}
${drawn.join('\n')}
<text x="${width / 2}" y="${height - 6}" text-anchor="middle">${options.x}</text>
<text x="13" y="${middle}" text-anchor="middle" transform="rotate(-90 13 ${middle})">${options.y}</text>
</svg>
`
}

function coloured({ lines }: Panel): (Line & { readonly colour: string })[] {
  return lines.map((line, i) => ({ ...line, colour: line.colour ?? palette[i % palette.length]! }))
}

/** Samples with names, in as many rows as they need. */
function keyOf(lines: readonly (Line & { colour: string })[], width: number) {
  let [x, y] = [30, 14]
  const items = lines.map((line) => {
    const needed = 42 + 6.2 * line.name.length
    if (x > 30 && x + needed > width) [x, y] = [30, y + 18]
    const from = x
    x += needed
    return `<line x1="${from}" x2="${from + 22}" y1="${y}" y2="${y}" ${stroke(line)} stroke-width="2.5"/><text x="${from + 28}" y="${y + 4}">${line.name}</text>`
  })
  return { svg: items.join(''), height: y + 16 }
}

function drawPanel(panel: Panel, size: Size, { logarithmic }: ChartOptions): string {
  const { width, height } = size
  const points = panel.lines.flatMap(({ seeds }) => seeds.flatMap(known))
  const across = points.map(([x]) => x)
  const x = logarithmic ? logarithmicAxis(across, size) : linearAxis(across, size)
  const y = heightAxis(
    points.map(([, value]) => value),
    size,
  )
  const rules = y.ticks.map((tick) => {
    const at = y.at(tick).toFixed(1)
    return `<line x1="${margin.left}" x2="${width - margin.right}" y1="${at}" y2="${at}" stroke="#e7eaee"/><text x="${margin.left - 5}" y="${(y.at(tick) + 4).toFixed(1)}" text-anchor="end" font-size="10" fill="${pale}">${short(tick)}</text>`
  })
  const feet = x.ticks.map(
    (tick) =>
      `<text x="${x.at(tick).toFixed(1)}" y="${height - margin.bottom + 14}" text-anchor="middle" font-size="10" fill="${pale}">${short(tick)}</text>`,
  )
  const heading = panel.title
    ? `<text x="${(margin.left + width - margin.right) / 2}" y="16" text-anchor="middle" font-size="12" font-weight="600">${panel.title}</text>`
    : ''
  return [heading, ...rules, ...feet, ...coloured(panel).map((line) => band(line, x, y))].join('')
}

/** From 0; it ends at the last value, or at the round number just beyond it. */
function linearAxis(values: readonly number[], { width }: Size): Axis {
  const last = Math.max(...values)
  const ticks = niceTicks(0, last).filter((tick) => tick <= 1.01 * last)
  const high = Math.max(last, ticks.at(-1)!)
  return { ticks, at: (value) => margin.left + (value / high) * (width - margin.left - margin.right) }
}

function logarithmicAxis(values: readonly number[], { width }: Size): Axis {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const decades = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((factor) => factor * 10 ** power))
  const share = (value: number) => Math.log(value / low) / Math.log(high / low)
  return {
    ticks: decades.flat().filter((tick) => tick >= low && tick <= high),
    at: (value) => margin.left + share(value) * (width - margin.left - margin.right),
  }
}

function heightAxis(values: readonly number[], { height }: Size): Axis {
  const ticks = niceTicks(Math.min(...values), Math.max(...values))
  const [low, high] = [ticks[0]!, ticks.at(-1)!]
  const share = (value: number) => (value - low) / (high - low)
  return {
    ticks,
    at: (value) => height - margin.bottom - share(value) * (height - margin.top - margin.bottom),
  }
}

/** Mean and range over the seeds that have a value, at every x that any of them has. */
function band(line: Line & { readonly colour: string }, x: Axis, y: Axis): string {
  const found = new Map<number, number[]>()
  for (const [at, value] of line.seeds.flatMap(known)) found.set(at, [...(found.get(at) ?? []), value])
  const steps = [...found].sort(([a], [b]) => a - b)
  const path = (pick: (values: number[]) => number) =>
    steps.map(([at, values]) => `${x.at(at).toFixed(1)},${y.at(pick(values)).toFixed(1)}`)
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const edge = [
    ...path((values) => Math.min(...values)),
    ...path((values) => Math.max(...values)).reverse(),
  ].join(' ')
  return `<polygon points="${edge}" fill="${line.colour}" opacity="0.14"/><polyline points="${path(mean).join(' ')}" fill="none" ${stroke(line)} stroke-width="1.8" stroke-linejoin="round"/>`
}

function stroke({ colour, dashed }: { readonly colour: string; readonly dashed?: boolean }): string {
  return `stroke="${colour}"${dashed ? ' stroke-dasharray="5 3"' : ''}`
}

function known(seed: Line['seeds'][number]): (readonly [step: number, value: number])[] {
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
  const size = Math.abs(value)
  const digits = (by: number, unit: string) => `${Number((value / by).toPrecision(3))}${unit}`
  const said = size >= 1e6 ? digits(1e6, 'M') : size >= 1e4 ? digits(1e3, 'k') : digits(1, '')
  return said.replace('-', '−')
}
