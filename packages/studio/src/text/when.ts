const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const absolute = new Intl.DateTimeFormat('en', { dateStyle: 'medium' })

/** A time as people say it: “5 minutes ago”, and the date after a week. */
export function when(time: string, now = Date.now()): string {
  const seconds = (Date.parse(time) - now) / 1000
  if (Math.abs(seconds) > 7 * 86_400) return absolute.format(new Date(time))
  const unit = units.find(([, size]) => Math.abs(seconds) >= size)
  return unit ? relative.format(Math.round(seconds / unit[1]), unit[0]) : 'just now'
}
