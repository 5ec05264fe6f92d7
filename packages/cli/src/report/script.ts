/**
 * The page's only script: shows the value under the pointer in charts, and opens what is folded before printing.
 * Without it nothing is lost: every chart has its table.
 */
export const pageScript = `
for (const chart of document.querySelectorAll('svg[data-hover]')) {
  const points = JSON.parse(chart.dataset.hover)
  const box = chart.viewBox.baseVal
  const make = (name, attributes, parent) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', name)
    for (const key in attributes) node.setAttribute(key, attributes[key])
    parent.append(node)
    return node
  }
  let mark
  chart.addEventListener('pointermove', (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse())
    const scatter = !chart.classList.contains('line-chart')
    const far = (p) => Math.abs(p[0] - at.x) + (scatter ? Math.abs(p[1] - at.y) : 0)
    const [x, y, label] = points.reduce((a, b) => (far(b) < far(a) ? b : a))
    mark?.remove()
    if (scatter && far([x, y]) > 60) return
    mark = make('g', { class: 'hover', 'pointer-events': 'none' }, chart)
    if (!scatter) make('line', { x1: x, x2: x, y1: 6, y2: box.height - 24 }, mark)
    make('circle', { cx: x, cy: y, r: 4 }, mark)
    const plate = make('rect', { rx: 3, height: 20 }, mark)
    const text = make('text', {}, mark)
    text.textContent = label
    const wide = text.getComputedTextLength() + 14
    const left = Math.min(Math.max(x - wide / 2, 0), box.width - wide)
    const top = y < 40 ? y + 12 : y - 32
    plate.setAttribute('x', left)
    plate.setAttribute('y', top)
    plate.setAttribute('width', wide)
    text.setAttribute('x', left + 7)
    text.setAttribute('y', top + 14)
  })
  chart.addEventListener('pointerleave', () => mark?.remove())
}
addEventListener('beforeprint', () => {
  for (const folded of document.querySelectorAll('details')) folded.open = true
})
`
