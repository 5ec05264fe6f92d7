/** Shows how far a stage is; `done` leaves one line behind. */
export interface Progress {
  readonly update: (step: number, metrics: Readonly<Record<string, number>>) => void
  readonly done: (summary: string) => void
}

const bars = '▁▂▃▄▅▆▇█'

/** A progress line on stderr: bar, rate, time left, the watched metrics and a sparkline of the first of them. */
export function progress(
  title: string,
  { steps, start = 0, watch }: { steps: number; start?: number; watch: readonly string[] },
): Progress {
  const began = performance.now()
  const history: number[] = []
  let lastLine = 0
  const line = (step: number, metrics: Readonly<Record<string, number>>): string => {
    const rate = (step - start) / ((performance.now() - began) / 1000)
    const shown = watch.flatMap((name) =>
      metrics[name] === undefined ? [] : [`${name.split('/').at(-1)} ${format(metrics[name])}`],
    )
    const filled = Math.round((20 * step) / steps)
    const bar = '━'.repeat(filled) + '╌'.repeat(20 - filled)
    return `${title.padEnd(9)} ${bar} ${step}/${steps} · ${format(rate)}/s · ${clock((steps - step) / rate)} left · ${shown.join(' · ')} ${sparkline(history)}`
  }
  const write = (text: string) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text.slice(0, process.stderr.columns - 1)}`)
    else process.stderr.write(`${text}\n`)
  }
  return {
    update: (step, metrics) => {
      const first = metrics[watch[0]!]
      if (first !== undefined) history.push(first)
      const now = performance.now()
      if (now - lastLine < (process.stderr.isTTY ? 100 : 5000) && step !== steps) return
      lastLine = now
      write(line(step, metrics))
    },
    done: (summary) => {
      const seconds = (performance.now() - began) / 1000
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
      process.stderr.write(`✓ ${title.padEnd(9)} ${clock(seconds).padStart(6)}  ${summary}\n`)
    },
  }
}

/** A number in at most four significant digits. */
export function format(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const magnitude = Math.abs(value)
  return magnitude !== 0 && (magnitude < 0.001 || magnitude >= 100_000)
    ? value.toExponential(1)
    : String(Number(value.toPrecision(3)))
}

/** Seconds as `42s` or `3m05s`. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return '…'
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`
}

function sparkline(values: readonly number[]): string {
  const recent = values.slice(-16)
  const low = Math.min(...recent)
  const span = Math.max(...recent) - low || 1
  return recent.map((value) => bars[Math.min(7, Math.floor(((value - low) / span) * 8))]).join('')
}
