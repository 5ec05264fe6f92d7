/** Colours by what they stand for; the two palettes have the same names. */
export interface Palette {
  readonly page: string
  readonly surface: string
  readonly ink: string
  readonly muted: string
  readonly rule: string
  readonly grid: string
  /** The trained policy, and any curve. */
  readonly accent: string
  /** The policy before training. */
  readonly before: string
  /** Limits and best-of-n: what to compare with. */
  readonly yardstick: string
  readonly negative: string
}

/** For light surroundings and for print. */
export const light: Palette = {
  page: '#fbfaf7',
  surface: '#ffffff',
  ink: '#1d1b18',
  muted: '#635f57',
  rule: '#dedad1',
  grid: '#eae7df',
  accent: '#0b6b66',
  before: '#7d776b',
  yardstick: '#a35b0d',
  negative: '#a8402f',
}

/** For dark surroundings. */
export const dark: Palette = {
  page: '#131517',
  surface: '#1a1d20',
  ink: '#ece8e0',
  muted: '#a8a398',
  rule: '#33373b',
  grid: '#272b2f',
  accent: '#5cc9bd',
  before: '#99948a',
  yardstick: '#e3a65a',
  negative: '#e98a76',
}

/** The palettes as CSS custom properties: light, unless the reader prefers dark and is not printing. */
export function themeProperties(): string {
  const properties = (palette: Palette) =>
    Object.entries(palette)
      .map(([name, colour]) => `--${name}:${colour}`)
      .join(';')
  return `:root{color-scheme:light dark;${properties(light)}}
@media screen and (prefers-color-scheme:dark){:root{${properties(dark)}}}`
}
