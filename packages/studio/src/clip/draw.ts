import type { Drawing } from '@attune/feedback'

/** Draws a frame so that all of its view is seen, in the middle of the canvas. */
export function draw(canvas: HTMLCanvasElement, frame: Drawing | HTMLImageElement): void {
  const context = canvas.getContext('2d')
  if (!context) return
  if (frame instanceof HTMLImageElement) drawPicture(context, frame)
  else drawShapes(context, frame)
}

function drawPicture(context: CanvasRenderingContext2D, picture: HTMLImageElement): void {
  const { width, height } = context.canvas
  context.clearRect(0, 0, width, height)
  const scale = Math.min(width / picture.naturalWidth, height / picture.naturalHeight)
  const size = [picture.naturalWidth * scale, picture.naturalHeight * scale] as const
  context.imageSmoothingEnabled = scale < 1
  context.drawImage(picture, (width - size[0]) / 2, (height - size[1]) / 2, ...size)
}

function drawShapes(context: CanvasRenderingContext2D, { view, background, figures }: Drawing): void {
  const { width, height } = context.canvas
  const scale = Math.min(width / (view.right - view.left), height / (view.top - view.bottom))
  const x = (world: number) => width / 2 + (world - (view.left + view.right) / 2) * scale
  const y = (world: number) => height / 2 - (world - (view.bottom + view.top) / 2) * scale
  context.fillStyle = background
  context.fillRect(0, 0, width, height)
  for (const figure of figures) {
    context.fillStyle = figure.fill
    context.strokeStyle = figure.fill
    context.beginPath()
    switch (figure.kind) {
      case 'circle':
        context.arc(x(figure.x), y(figure.y), figure.radius * scale, 0, 2 * Math.PI)
        context.fill()
        break
      case 'capsule':
        context.lineCap = 'round'
        context.lineWidth = 2 * figure.radius * scale
        context.moveTo(x(figure.from[0]), y(figure.from[1]))
        context.lineTo(x(figure.to[0]), y(figure.to[1]))
        context.stroke()
        break
      case 'polygon':
        for (const [pointX, pointY] of figure.points) context.lineTo(x(pointX), y(pointY))
        context.closePath()
        context.fill()
        break
      case 'text':
        context.font = `${figure.size * scale}px sans-serif`
        context.fillText(figure.text, x(figure.x), y(figure.y))
    }
  }
}
