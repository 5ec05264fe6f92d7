/** Fields that two recipes, or two stages, do not share, each with both values in words. */
export function differences(before: object, now: object): { field: string; text: string }[] {
  const [a, b] = [before as Record<string, unknown>, now as Record<string, unknown>]
  const shown = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value))
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((field) => shown(a[field]) !== shown(b[field]))
    .map((field) => ({ field, text: `${field} was ${shown(a[field])} and is ${shown(b[field])}` }))
}
