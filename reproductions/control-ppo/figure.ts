import type { SeedResults } from './results.ts'

const [width, height, margin] = [240, 170, { left: 46, right: 10, top: 24, bottom: 26 }]
const columns = 3
const colours = ['#1f4e79', '#c8743c', '#3b7a57', '#7a3b6d']

/** Return against steps while training: one panel a task, one line a seed. */
export function curvesSvg(results: readonly SeedResults[]): string {
  const tasks = [...new Set(results.flatMap(({ tasks }) => Object.keys(tasks)))]
  const panels = tasks.map((task, i) => {
    const curves = results.map(({ tasks }) => tasks[task]?.curve ?? [])
    const [column, row] = [i % columns, Math.floor(i / columns)]
    return `<g transform="translate(${column * width} ${row * height})">${panel(task, curves)}</g>`
  })
  const rows = Math.ceil(tasks.length / columns)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.min(tasks.length, columns) * width}" height="${rows * height}" font-family="sans-serif" font-size="10" fill="#333333">
<title>Return against steps while training, one line a seed</title>
<rect width="100%" height="100%" fill="#ffffff"/>
${panels.join('\n')}
</svg>
`
}

function panel(task: string, curves: readonly (readonly (readonly [number, number])[])[]): string {
  const points = curves.flat()
  const steps = Math.max(...points.map(([x]) => x))
  const returns = points.map(([, y]) => y)
  const [low, high] = [Math.min(0, ...returns), Math.max(0, ...returns)]
  const x = (at: number) => margin.left + (at / steps) * (width - margin.left - margin.right)
  const y = (at: number) =>
    height - margin.bottom - ((at - low) / (high - low)) * (height - margin.top - margin.bottom)
  const lines = curves.map((curve, i) => {
    const path = curve.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(' ')
    return `<polyline points="${path}" fill="none" stroke="${colours[i % colours.length]}" stroke-width="1.3"/>`
  })
  const axis = [low, high].map(
    (at) =>
      `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(at)}" y2="${y(at)}" stroke="#d5dae0"/><text x="${margin.left - 5}" y="${y(at) + 3}" text-anchor="end">${Math.round(at)}</text>`,
  )
  const label = `${(steps / 1000).toFixed(0)}k steps`
  return `<text x="${width / 2}" y="14" text-anchor="middle" font-size="12">${task}</text>${axis.join('')}<text x="${width - margin.right}" y="${height - 9}" text-anchor="end">${label}</text>${lines.join('')}`
}
