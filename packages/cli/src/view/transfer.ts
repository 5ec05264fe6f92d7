/** A line on stderr that says how far a transfer is, with its rate and what is left; on a terminal alone. */
export function transferView(name: string): {
  update: (present: number, total: number) => void
  done: () => void
} {
  const began = performance.now()
  let first = -1
  let shown = 0
  const update = (present: number, total: number) => {
    if (first < 0) first = present
    const now = performance.now()
    if (!process.stderr.isTTY || (now - shown < 200 && present < total)) return
    shown = now
    const rate = (present - first) / Math.max(now - began, 1) // bytes a millisecond
    const left = rate > 0 ? Math.ceil((total - present) / rate / 1000) : 0
    const share = total > 0 ? Math.floor((100 * present) / total) : 100
    process.stderr.write(`\r\x1b[K${name}  ${share} %  ${(rate / 1000).toFixed(1)} MB/s  ${left}s left`)
  }
  const done = () => {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  }
  return { update, done }
}
