import type { Drawing, Figure } from '@attune/feedback'

/** Frames on one picture: how wide each is in pixels, and how many stand in a row (all, when it is not given). */
export interface StripOptions {
  readonly width?: number
  readonly columns?: number
}

/** One drawing as an SVG document of `width` pixels. */
export function drawingSvg(drawing: Drawing, { width = 320 }: { readonly width?: number } = {}): string {
  return stripSvg([drawing], { width })
}

/** Drawings beside each other as one SVG document: a strip of moments. All take the first one's proportions. */
export function stripSvg(
  drawings: readonly Drawing[],
  { width = 160, columns = drawings.length }: StripOptions = {},
): string {
  const first = drawings[0]
  if (!first) throw new RangeError('there is no drawing to show')
  if (!(columns >= 1)) throw new RangeError(`a strip of ${columns} columns: expected at least 1`)
  const { left, right, bottom, top } = first.view
  const height = Math.round((width * (top - bottom)) / (right - left))
  const rows = Math.ceil(drawings.length / columns)
  const frames = drawings.map((drawing, i) => {
    const place = `x="${(i % columns) * width}" y="${Math.floor(i / columns) * height}"`
    return `<svg ${place} width="${width}" height="${height}">${frame(drawing, { width, height })}</svg>`
  })
  const size = `width="${Math.min(columns, drawings.length) * width}" height="${rows * height}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${frames.join('')}</svg>`
}

function frame(
  { view, background, figures }: Drawing,
  { width, height }: { width: number; height: number },
): string {
  const scale = Math.min(width / (view.right - view.left), height / (view.top - view.bottom))
  const x = (world: number) => short((world - view.left) * scale)
  const y = (world: number) => short((view.top - world) * scale)
  const markup = (figure: Figure): string => {
    switch (figure.kind) {
      case 'circle':
        return `<circle cx="${x(figure.x)}" cy="${y(figure.y)}" r="${short(figure.radius * scale)}" fill="${quoted(figure.fill)}"/>`
      case 'capsule': {
        const [from, to] = [figure.from, figure.to]
        // A line of no length has no ends to round in some renderers: seen along its axis a limb is a circle.
        if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 1e-6)
          return markup({ ...figure, kind: 'circle', x: from[0], y: from[1] })
        const ends = `x1="${x(from[0])}" y1="${y(from[1])}" x2="${x(to[0])}" y2="${y(to[1])}"`
        return `<line ${ends} stroke="${quoted(figure.fill)}" stroke-width="${short(2 * figure.radius * scale)}" stroke-linecap="round"/>`
      }
      case 'polygon':
        return `<polygon points="${figure.points.map((point) => `${x(point[0])},${y(point[1])}`).join(' ')}" fill="${quoted(figure.fill)}"/>`
      case 'text':
        return `<text x="${x(figure.x)}" y="${y(figure.y)}" font-size="${short(figure.size * scale)}" font-family="sans-serif" fill="${quoted(figure.fill)}">${escaped(figure.text)}</text>`
    }
  }
  return `<rect width="${width}" height="${height}" fill="${quoted(background)}" stroke="#c8cdd3"/>${figures.map(markup).join('')}`
}

function short(x: number): number {
  if (!Number.isFinite(x)) throw new RangeError(`a figure has the coordinate ${x}`)
  return Math.round(x * 100) / 100
}

/** Text as XML can hold it: without control characters. */
function escaped(text: string): string {
  const printable = text.replaceAll(/\p{Cc}/gu, '')
  return printable.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function quoted(text: string): string {
  return escaped(text).replaceAll('"', '&quot;')
}
