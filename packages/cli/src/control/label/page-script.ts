import { drawScript } from '../page/draw-script.ts'

/** Script of the labelling page, as a browser runs it. Answers go to the server before the next pair is shown. */
export const pageScript = `
'use strict'
const standard = { left: 'ArrowLeft', right: 'ArrowRight', tie: 'ArrowUp', skip: 'ArrowDown', undo: 'Backspace', pause: ' ' }
const names = { left: 'Left is better', right: 'Right is better', tie: 'About the same', skip: 'Skip', undo: 'Undo', pause: 'Pause' }
const glyphs = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Backspace: '⌫', ' ': 'Space' }
const byId = (id) => document.getElementById(id)
let keys = { ...standard }
try { keys = { ...standard, ...JSON.parse(localStorage.getItem('attune-keys') || '{}') } } catch {}
let pair = null, paused = false, listening = null, busy = false
let clock = 0, before = performance.now(), shownAt = performance.now()

function name(key) { return glyphs[key] || (key.length === 1 ? key.toUpperCase() : key) }
function caption(element, what, text) {
  element.replaceChildren()
  const key = document.createElement('kbd')
  key.textContent = name(keys[what])
  element.append(key, ' ' + text)
}
function captions() {
  for (const button of document.querySelectorAll('[data-answer]')) caption(button.querySelector('.hint') || button, button.dataset.answer, names[button.dataset.answer])
  for (const button of document.querySelectorAll('[data-action=undo], [data-action=pause]')) caption(button, button.dataset.action, button.dataset.action === 'pause' && paused ? 'Play' : names[button.dataset.action])
  const list = byId('keys').querySelector('ul')
  list.replaceChildren(...Object.keys(standard).map((what) => {
    const item = document.createElement('li')
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = listening === what ? 'press a key' : name(keys[what])
    button.onclick = () => { listening = what; captions() }
    item.append(names[what], button)
    return item
  }))
}
function stopListening() { listening = null; captions() }
function say(text, wrong) {
  const message = byId('message')
  message.textContent = text
  message.hidden = text === ''
  message.className = wrong ? 'wrong' : ''
}
function show(next) {
  pair = next.item ? next : null
  clock = 0
  shownAt = performance.now()
  byId('clips').style.visibility = pair ? 'visible' : 'hidden'
  byId('progress').textContent = next.answered + ' answered · ' + next.waiting + ' waiting' + (next.skipped ? ' · ' + next.skipped + ' skipped' : '') + (next.gone ? ' · ' + next.gone + ' pairs whose clips are gone or damaged' : '')
  say(pair ? '' : 'Nothing to compare at the moment. New pairs appear here while the training goes on.', false)
  for (const clip of document.querySelectorAll('.clip')) clip.classList.remove('chosen')
}
async function ask(path, body) {
  const response = await fetch(path, body ? { method: 'POST', body: JSON.stringify(body) } : {})
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error)
  return answer
}
async function guarded(work) {
  if (busy) return
  busy = true
  try { show(await work()) } catch (error) { say('Not saved: ' + error.message + '. Nothing is lost; press the key again.', true) }
  busy = false
}
function answer(what) {
  if (!pair) return
  const { item } = pair
  const seconds = Math.round((performance.now() - shownAt) / 100) / 10
  for (const clip of document.querySelectorAll('.clip')) clip.classList.toggle('chosen', clip.dataset.answer === what)
  guarded(() => ask('/api/labels', { item, answer: what, seconds }))
}
function act(what) {
  if (what === 'undo') guarded(() => ask('/api/undo', {}))
  else if (what === 'pause') { paused = !paused; captions() }
  else if (what === 'keys') byId('keys').showModal()
  else if (what === 'reset') { keys = { ...standard }; localStorage.removeItem('attune-keys'); stopListening() }
  else answer(what)
}
document.addEventListener('click', (event) => {
  const button = event.target.closest('button')
  const what = button && (button.dataset.answer || button.dataset.action)
  if (what) { act(what); button.blur() }
})
byId('keys').addEventListener('close', stopListening)
byId('speed').addEventListener('change', () => byId('speed').blur()) // the arrows answer again
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
  if (listening) {
    event.preventDefault()
    if (event.key !== 'Escape') {
      const taken = Object.keys(keys).find((what) => keys[what] === event.key)
      if (taken) keys[taken] = keys[listening]
      keys[listening] = event.key
      localStorage.setItem('attune-keys', JSON.stringify(keys))
    }
    return stopListening()
  }
  if (byId('keys').open || event.target.tagName === 'SELECT') return
  const what = Object.keys(keys).find((candidate) => keys[candidate] === event.key)
  if (what) { event.preventDefault(); act(what) }
})
${drawScript}function tick(now) {
  const passed = (now - before) / 1000
  before = now
  if (pair && !paused) clock += passed * Number(byId('speed').value)
  if (pair) {
    const seconds = (clip) => clip.frames.length / clip.framesPerSecond
    const whole = Math.max(...pair.clips.map(seconds)) + 0.5 // a rest at the end
    const at = clock % whole
    for (const [side, canvas] of [...document.querySelectorAll('canvas')].entries()) {
      const clip = pair.clips[side]
      draw(canvas, clip.frames[Math.min(Math.floor(at * clip.framesPerSecond), clip.frames.length - 1)])
    }
    byId('time').value = Math.min(at / (whole - 0.5), 1)
  }
  requestAnimationFrame(tick)
}
captions()
guarded(() => ask('/api/next'))
setInterval(() => { if (!pair) guarded(() => ask('/api/next')) }, 1500)
requestAnimationFrame(tick)
`
