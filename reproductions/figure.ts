import { writeFile } from 'node:fs/promises'

/** A named curve with one list of [x, y] for every seed; all seeds have the same x. */
export interface Curve {
  readonly name: string
  readonly seeds: readonly (readonly (readonly [number, number])[])[]
}

const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']
const [width, left, bottom, right, plotHeight, keyHeight] = [720, 70, 50, 20, 340, 18]

/** Writes curves as SVG: the mean over seeds as a line, lowest to highest as a band. */
export async function writeFigure(
  file: URL,
  curves: readonly Curve[],
  labels: { readonly x: string; readonly y: string; readonly title: string },
): Promise<void> {
  const top = 14 + keyHeight * curves.length
  const height = top + plotHeight + bottom
  const all = curves.flatMap(({ seeds }) => seeds.flat()).filter(([, y]) => Number.isFinite(y))
  const [lowX, highX] = extent(all.map(([x]) => x))
  const [lowY, highY] = extent(all.map(([, y]) => y))
  const x = (value: number) => left + ((value - lowX) / (highX - lowX)) * (width - left - right)
  const y = (value: number) => height - bottom - ((value - lowY) / (highY - lowY)) * (height - bottom - top)
  const ticks = (low: number, high: number) =>
    Array.from({ length: 6 }, (_, i) => low + (i * (high - low)) / 5)
  const axes = [
    ...ticks(lowX, highX).map((at) => text(x(at), height - bottom + 18, short(at), 'middle')),
    ...ticks(lowY, highY).map(
      (at) =>
        `${text(left - 8, y(at) + 4, short(at), 'end')}<line x1="${left}" x2="${width - right}" y1="${y(at)}" y2="${y(at)}" stroke="#e2e5e8"/>`,
    ),
    text((left + width - right) / 2, height - 8, labels.x, 'middle'),
    `<text x="16" y="${(top + height - bottom) / 2}" text-anchor="middle" transform="rotate(-90 16 ${(top + height - bottom) / 2})">${labels.y}</text>`,
  ]
  const drawn = curves.map(({ name, seeds }, i) => {
    const colour = colours[i % colours.length]!
    const rows = seeds[0]!.map(([at], k) => {
      const values = seeds.map((seed) => seed[k]![1]).filter(Number.isFinite)
      return { at, values }
    })
    const known = rows.filter(({ values }) => values.length > 0)
    const edge = (pick: (...values: number[]) => number) =>
      known.map(({ at, values }) => `${x(at).toFixed(1)},${y(pick(...values)).toFixed(1)}`)
    const mean = (...values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
    const band = [...edge(Math.min), ...edge(Math.max).reverse()].join(' ')
    const key = `${text(left + 34, 18 + keyHeight * i, `${name} (${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'})`, 'start')}<line x1="${left + 8}" x2="${left + 28}" y1="${14 + keyHeight * i}" y2="${14 + keyHeight * i}" stroke="${colour}" stroke-width="3"/>`
    return `<polygon points="${band}" fill="${colour}" opacity="0.15"/><polyline points="${edge(mean).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>${key}`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="#1d2329"><title>${labels.title}</title><rect width="${width}" height="${height}" fill="#ffffff"/>${axes.join('')}${drawn.join('')}</svg>\n`
  await writeFile(file, svg)
}

function extent(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)]
}

function short(value: number): string {
  return Math.abs(value) >= 10_000 ? `${Math.round(value / 1000)}k` : String(Math.round(value))
}

function text(x: number, y: number, content: string, anchor: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`
}
