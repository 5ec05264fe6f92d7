const narrowSpace = '\u202F'

/** A number with three significant digits, a true minus sign and thousands set apart. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'not a number' : value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  if (size !== 0 && size < 1e-3) return scientific(value, digits - 2)
  if (size >= 1e6) return `${formatNumber(value / 1e6, digits)}${narrowSpace}M`
  const decimals = size === 0 ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(size)))
  return grouped(value.toFixed(Math.min(decimals, 4)))
}

/** A number whose sign is always shown. */
export function formatSigned(value: number, decimals = 2): string {
  const text = Math.abs(value).toFixed(decimals)
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`
}

/** A share as percent. */
export function formatPercent(share: number, decimals = 1): string {
  return `${(100 * share).toFixed(decimals).replace('-', '−')}${narrowSpace}%`
}

/** A duration as people say it: 8.2 s, 3 min 05 s, 2 h 10 min. */
export function formatDuration(seconds: number): string {
  if (seconds < 59.95) return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)}${narrowSpace}s`
  const minutes = Math.floor(Math.round(seconds) / 60)
  if (minutes >= 60) return `${Math.floor(minutes / 60)}${narrowSpace}h ${pad(minutes % 60)}${narrowSpace}min`
  return `${minutes}${narrowSpace}min ${pad(Math.round(seconds) % 60)}${narrowSpace}s`
}

/** An axis label with the decimals that the distance between labels calls for. */
export function formatTick(value: number, step: number): string {
  const rounded = Math.abs(value) < step * 1e-6 ? 0 : value
  if (rounded === 0) return '0'
  if (step < 1e-4) return scientific(rounded, 1).replace('.0', '')
  if (step >= 1000) return `${grouped(String(Math.round(rounded) / 1000))}k`
  return grouped(rounded.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (hasHalf(step) ? 1 : 0))))
}

/** 1 step, 2 steps. */
export function formatCount(count: number, thing: string): string {
  return `${grouped(String(count))}${'\u00A0'}${thing}${count === 1 ? '' : 's'}`
}

function hasHalf(step: number): boolean {
  const leading = step / 10 ** Math.floor(Math.log10(step) + 1e-9)
  return Math.abs(leading - 2.5) < 1e-6
}

function scientific(value: number, decimals: number): string {
  return value.toExponential(Math.max(decimals, 0)).replace(/-/g, '−')
}

function grouped(text: string): string {
  const [whole, ...rest] = text.replace('-', '−').split('.')
  return [whole!.replace(/\B(?=(\d{3})+$)/g, narrowSpace), ...rest].join('.')
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
