import { drawScript } from '../page/draw-script.ts'

/** Script of the page, as a browser runs it. A signal that the server has not acknowledged is sent again, dated to its press. */
export const tamerScript = `
'use strict'
const byId = (id) => document.getElementById(id)
const keys = { ArrowUp: 1, '+': 1, '=': 1, ArrowDown: -1, '-': -1, '−': -1 }
const acts = { ArrowLeft: 'slower', ArrowRight: 'faster', ' ': 'pause' }
const waiting = new Map()
let paused = true, ended = false, episodes = [], shown = []
byId('count').textContent = page.given

${drawScript}
async function ask(path, body) {
  const response = await fetch(path, { method: 'POST', body: JSON.stringify(body) })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error)
}
function state(text, wrong) {
  if (byId('state').textContent === text) return
  byId('state').textContent = text
  byId('state').className = wrong ? 'wrong' : ''
}
async function give(value) {
  if (ended) return
  const id = crypto.randomUUID()
  waiting.set(id, { value, at: performance.now() })
  flash(value)
  await send(id)
}
async function send(id) {
  const { value, at } = waiting.get(id)
  try {
    await ask('/api/signals', { id, value, ago: (performance.now() - at) / 1000 })
    waiting.delete(id)
    if (waiting.size === 0 && byId('state').className) tellPace()
  } catch (error) {
    state((waiting.size === 1 ? '1 signal waits' : waiting.size + ' signals wait') + ' to be saved: ' + error.message, true)
  }
}
setInterval(() => { for (const id of waiting.keys()) send(id) }, 1000)
function flash(value) {
  const name = value > 0 ? 'good' : 'bad'
  const marked = [[document.querySelector('figure'), name], [document.querySelector('.verdict.' + name), 'pressed']]
  for (const [element, mark] of marked) {
    element.classList.add(mark)
    setTimeout(() => element.classList.remove(mark), 180)
  }
}
function act(what) {
  if (ended) return
  const failed = (error) => state('Not done: ' + error.message, true)
  if (what === 'pause') ask('/api/pace', { paused: !paused }).catch(failed)
  else if (what === 'stop') ask('/api/stop', {}).catch(failed)
  else ask('/api/pace', { faster: what === 'faster' ? 1.25 : 0.8 }).catch(failed)
}
document.addEventListener('click', (event) => {
  const button = event.target.closest('button')
  if (!button) return
  if (event.detail > 0) button.blur() // after a pointer's click the keys are the page's again
  if (button.dataset.signal) give(Number(button.dataset.signal))
  else act(button.dataset.do)
})
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === ' ' && event.target.closest('button:not([data-do=pause])')) return
  const value = keys[event.key], what = acts[event.key]
  if (value === undefined && what === undefined) return
  event.preventDefault()
  if (event.repeat) return
  if (value !== undefined) give(value)
  else act(what)
})
function short(value) { return Math.abs(value) < 10 && !Number.isInteger(value) ? value.toFixed(2).replace('-', '−') : String(Math.round(value)).replace('-', '−') }
function named(element, tag, name) {
  const child = document.createElement(tag)
  if (name) child.className = name
  element.append(child)
  return child
}
function values(frame) {
  const place = byId('values')
  const board = frame.values.length > 8
  if (shown.length !== frame.values.length) {
    place.replaceChildren()
    place.classList.toggle('board', board)
    shown = frame.values.map((_, i) => {
      if (board) return { row: named(place, 'i', 'cell') }
      const row = named(place, 'div', 'row')
      named(row, 'span').textContent = page.actions[i]
      return { row, bar: named(named(row, 'span', 'track'), 'i'), number: named(row, 'b') }
    })
  }
  const [low, most] = [Math.min(...frame.values), Math.max(0.2, ...frame.values.map(Math.abs))]
  const range = Math.max(...frame.values) - low || 1
  frame.values.forEach((value, i) => {
    const { row, bar, number } = shown[i]
    row.classList.toggle('chosen', i === frame.action)
    if (board) {
      row.style.background = 'color-mix(in srgb, var(--accent) ' + Math.round(100 * ((value - low) / range) ** 2) + '%, var(--grid))'
      row.title = page.actions[i] + ': ' + short(value)
      return
    }
    row.classList.toggle('negative', value < 0)
    const width = 50 * Math.abs(value) / most
    bar.style.width = width + '%'
    bar.style.left = (value < 0 ? 50 - width : 50) + '%'
    number.textContent = value.toFixed(2).replace('-', '−')
  })
  place.dataset.values = JSON.stringify(frame.values)
  place.setAttribute('aria-label', board
    ? 'It expects ' + short(frame.values[frame.action]) + ' for ' + page.actions[frame.action]
    : frame.values.map((value, i) => page.actions[i] + ' ' + value.toFixed(2)).join(', '))
}
function tellPace() { state(ended ? 'ended' : paused ? 'paused' : 'it acts; every press is kept') }
const hears = {
  frame: (frame) => {
    draw(byId('scene'), frame.drawing)
    byId('episode').textContent = frame.episode
    byId('step').textContent = frame.episodeSteps
    byId('return').textContent = short(frame.return)
    byId('doing').textContent = 'It does: ' + page.actions[frame.action]
    values(frame)
  },
  signal: ({ value, time, action, count }) => {
    byId('count').textContent = count
    const list = byId('signals')
    if (list.querySelector('.none')) list.replaceChildren()
    const item = document.createElement('li')
    item.className = value > 0 ? 'good' : 'bad'
    named(item, 'span', 'mark').textContent = value > 0 ? '▲' : '▼'
    named(item, 'span').textContent = (value > 0 ? 'good: ' : 'bad: ') + page.actions[action]
    named(item, 'span', 'time').textContent = time.toFixed(1) + ' s'
    list.prepend(item)
    while (list.children.length > 6) list.lastChild.remove()
  },
  pace: (pace) => {
    paused = pace.paused
    byId('cover').hidden = !paused
    byId('pause').firstChild.textContent = paused ? 'Start ' : 'Pause '
    byId('speed').textContent = (1 / pace.secondsPerStep).toFixed(pace.secondsPerStep > 0.2 ? 1 : 0) + ' steps a second'
    tellPace()
  },
  episode: (episode) => {
    episodes = [...episodes, episode].slice(-24)
    const returns = episodes.map((each) => each.return)
    const [low, high] = [Math.min(...returns), Math.max(...returns)]
    const place = byId('episodes')
    place.replaceChildren()
    for (const value of returns) named(place, 'i').style.height = 8 + 92 * (high > low ? (value - low) / (high - low) : 1) + '%'
    place.setAttribute('aria-label', 'returns of the last episodes: ' + returns.map(short).join(', '))
    byId('last').textContent = 'The last one: return ' + short(episode.return) + ' in ' + episode.steps + ' steps.'
  },
  end: ({ message }) => {
    ended = true
    source.close()
    byId('cover').hidden = true
    byId('doing').textContent = message
    for (const button of document.querySelectorAll('button')) button.disabled = true
    tellPace()
  },
}
const source = new EventSource('/api/events')
source.onmessage = ({ data }) => { const event = JSON.parse(data); hears[event.kind](event) }
source.onerror = () => { if (!ended) state('no connection to the training; it waits for you', true) }
`
