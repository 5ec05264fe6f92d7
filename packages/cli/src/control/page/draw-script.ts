/** A page's function `draw(canvas, drawing)`: all of the drawing's view, in the middle of the canvas. */
export const drawScript = `function draw(canvas, drawing) {
  const context = canvas.getContext('2d')
  const { left, right, bottom, top } = drawing.view
  const scale = Math.min(canvas.width / (right - left), canvas.height / (top - bottom))
  const x = (world) => canvas.width / 2 + (world - (left + right) / 2) * scale
  const y = (world) => canvas.height / 2 - (world - (top + bottom) / 2) * scale
  context.fillStyle = drawing.background
  context.fillRect(0, 0, canvas.width, canvas.height)
  for (const figure of drawing.figures) {
    context.fillStyle = context.strokeStyle = figure.fill
    context.beginPath()
    if (figure.kind === 'circle') { context.arc(x(figure.x), y(figure.y), figure.radius * scale, 0, 2 * Math.PI); context.fill() }
    else if (figure.kind === 'capsule') {
      context.lineCap = 'round'
      context.lineWidth = 2 * figure.radius * scale
      context.moveTo(x(figure.from[0]), y(figure.from[1]))
      context.lineTo(x(figure.to[0]), y(figure.to[1]))
      context.stroke()
    } else if (figure.kind === 'polygon') {
      for (const point of figure.points) context.lineTo(x(point[0]), y(point[1]))
      context.closePath()
      context.fill()
    } else if (figure.kind === 'text') { context.font = figure.size * scale + 'px sans-serif'; context.fillText(figure.text, x(figure.x), y(figure.y)) }
  }
}
`
