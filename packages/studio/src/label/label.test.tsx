// @vitest-environment happy-dom
import { cleanup, render, screen, waitFor } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { MemoryRouter } from 'react-router'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { items, project } from '../../test/fake-data.ts'
import { type Fake, fakeServer } from '../../test/fake-server.ts'
import { createClient } from '../api/client.ts'
import { App } from '../app.tsx'
import { storedNames } from '../storage.ts'
import { unseenMs } from './desk.ts'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})
afterEach(cleanup)

async function open(fake: Fake, path = '/projects/p1/label') {
  const view = render(
    <MemoryRouter initialEntries={[path]}>
      <App client={createClient(fake.fetch)} />
    </MemoryRouter>,
  )
  await screen.findByRole('heading', { level: 1 }, { timeout: 5000 })
  return view
}

/** Waits until the task in front takes answers. */
const seen = () => new Promise((resolve) => setTimeout(resolve, unseenMs + 20))

const live = (fake: Fake) => fake.judgments.filter(({ retracted }) => !retracted)

/** The texts of A and B as shown now. */
function shown(): string[] {
  return ['A', 'B'].map((name) => screen.getByRole('article', { name }).textContent!.slice(1).trim())
}

test('a key hands in the answer in terms of the item, whichever side it was shown on', async () => {
  const fake = fakeServer()
  await open(fake)
  const user = userEvent.setup()
  for (let i = 0; i < 6; i++) {
    const [left] = shown()
    await seen()
    await user.keyboard('1')
    await waitFor(() => expect(fake.judgments).toHaveLength(i + 1))
    const { item, body } = fake.judgments[i]!
    const { completions } = items.find(({ id }) => id === item)!
    expect(completions[body.preferred as number]!.text.trim()).toBe(left)
    expect(completions[(body.shown as number[])[0]!]!.text.trim()).toBe(left)
    expect(body.strength).toBe(3)
  }
  expect(new Set(fake.judgments.map(({ item }) => item)).size).toBe(6)
})

test('0 is a tie, 9 is both bad, and 5 prefers B without a strength', async () => {
  const fake = fakeServer({ project: { ...project, protocol: { ...project.protocol, shuffle: false } } })
  await open(fake)
  const user = userEvent.setup()
  for (const [i, key] of ['0', '9', '5', '8'].entries()) {
    await seen()
    await user.keyboard(key)
    await waitFor(() => expect(fake.judgments).toHaveLength(i + 1))
  }
  expect(fake.judgments.map(({ body }) => [body.preferred, body.strength])).toEqual([
    ['tie', undefined],
    ['both-bad', undefined],
    [1, undefined],
    [1, 3],
  ])
})

test('undo takes the last answer back, shows its item again and lets it be answered anew', async () => {
  const fake = fakeServer()
  await open(fake)
  const user = userEvent.setup()
  const first = shown()
  await seen()
  await user.keyboard('1')
  await waitFor(() => expect(fake.judgments).toHaveLength(1))
  await waitFor(() => expect(shown()).not.toEqual(first))
  await user.keyboard('u')
  await waitFor(() => expect(shown()).toEqual(first))
  await waitFor(() => expect(live(fake)).toHaveLength(0))
  await seen()
  await user.keyboard('8')
  await waitFor(() => expect(live(fake)).toHaveLength(1))
  expect(live(fake)[0]!.item).toBe(fake.judgments[0]!.item)
})

test('an answer given without a network is sent once when it is back, also after a reload and a lost acknowledgement', async () => {
  const fake = fakeServer()
  const { unmount } = await open(fake)
  const user = userEvent.setup()
  fake.loseAnswers = 1
  await seen()
  await user.keyboard('2')
  await screen.findByText(/The server cannot be reached/)
  await screen.findByText(/One answer is kept in this browser/)
  expect(fake.judgments).toHaveLength(1)
  unmount()
  await open(fake)
  await waitFor(() => expect(storedNames('outbox.')).toEqual([]))
  expect(fake.judgments).toHaveLength(1)
})

test('an answer taken back without a network does not count, whether the server has it or not', async () => {
  const fake = fakeServer()
  await open(fake)
  const user = userEvent.setup()
  const first = shown()
  await seen()
  fake.online = false
  await user.keyboard('2')
  await screen.findByText(/One answer is kept in this browser/)
  await user.keyboard('u')
  await waitFor(() => expect(shown()).toEqual(first))
  fake.online = true
  window.dispatchEvent(new Event('online'))
  await waitFor(() => expect(storedNames('outbox.')).toEqual([]))
  expect(live(fake)).toEqual([])
  expect(screen.queryByText(/cannot be reached/)).toBeNull()
})

test('keys typed into a text field are text', async () => {
  const fake = fakeServer()
  await open(fake)
  const user = userEvent.setup()
  await user.click(screen.getByText('Say why (optional)'))
  await user.type(screen.getByRole('textbox', { name: 'Why' }), '12 sugars')
  await seen()
  expect(fake.judgments).toHaveLength(0)
  await user.click(screen.getByRole('button', { name: /^A better/ }))
  await waitFor(() => expect(fake.judgments[0]?.body.comment).toBe('12 sugars'))
})

test('a reason that is deleted again leaves its field open, and what is typed next is still text', async () => {
  const fake = fakeServer()
  await open(fake)
  const user = userEvent.setup()
  await user.click(screen.getByText('Say why (optional)'))
  const field = screen.getByRole('textbox', { name: 'Why' })
  const details = field.closest('details')!
  details.open = true
  await user.type(field, 'x{Backspace}1')
  expect(details.open).toBe(true)
  expect((field as HTMLTextAreaElement).value).toBe('1')
  expect(fake.judgments).toHaveLength(0)
})

test('where no tie is allowed there is neither tie nor both bad', async () => {
  const fake = fakeServer({ project: { ...project, protocol: { ...project.protocol, allowTie: false } } })
  await open(fake)
  const user = userEvent.setup()
  await seen()
  await user.keyboard('09')
  expect(screen.queryByRole('button', { name: /Both bad|Tie/ })).toBeNull()
  await user.keyboard('1')
  await waitFor(() => expect(fake.judgments).toHaveLength(1))
  expect(fake.judgments[0]!.body).toMatchObject({ strength: 3 })
})

test('an item that cannot be compared says so and can be skipped', async () => {
  const three = items.map((item, i) => (i === 0 ? { ...item, completions: [{ text: 'alone' }] } : item))
  const fake = fakeServer({ items: three })
  await open(fake)
  const user = userEvent.setup()
  await screen.findByText(/This item has one answer/)
  await seen()
  await user.click(screen.getByRole('button', { name: 'Skip this one' }))
  await waitFor(() => expect(shown()[0]).toContain('answer 2'))
  expect(fake.skipped).toMatchObject([{ item: 'item-1' }])
})

test('a skip that fails keeps the dialog and the note; a task whose lease has ended can be skipped', async () => {
  const fake = fakeServer()
  await open(fake)
  const user = userEvent.setup()
  await seen()
  await user.keyboard('s')
  await user.type(await screen.findByLabelText('Note (optional)'), 'too hard')
  fake.online = false
  await user.click(screen.getByRole('button', { name: 'Skip it' }))
  await screen.findByText(/It could not be skipped/)
  expect((screen.getByLabelText('Note (optional)') as HTMLInputElement).value).toBe('too hard')
  fake.online = true
  fake.endLeases()
  await user.click(screen.getByRole('button', { name: 'Skip it' }))
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Skip it' })).toBeNull())
  expect(fake.skipped).toEqual([])
})

test('what is typed is there again after a reload', async () => {
  const writing = { ...project, protocol: { ...project.protocol, kind: 'demonstration' as const } }
  const fake = fakeServer({ project: writing })
  const { unmount } = await open(fake)
  const user = userEvent.setup()
  const label = 'Write the answer that the model should give'
  await user.type(await screen.findByRole('textbox', { name: label }), 'We will build')
  unmount()
  await open(fake)
  const field = (await screen.findByRole('textbox', { name: label })) as HTMLTextAreaElement
  expect(field.value).toBe('We will build')
  await seen()
  await user.click(screen.getByRole('button', { name: 'Submit' }))
  await waitFor(() =>
    expect(fake.judgments[0]?.body).toMatchObject({ kind: 'demonstration', text: 'We will build' }),
  )
})

test('a ranking is moved with the buttons, and an untouched one is asked about before it is handed in', async () => {
  const ranking = { ...project, protocol: { ...project.protocol, kind: 'ranking' as const, shuffle: false } }
  const texts = ['one', 'two', 'three'].map((text) => ({ text }))
  const fake = fakeServer({ project: ranking, items: items.map((item) => ({ ...item, completions: texts })) })
  await open(fake)
  const user = userEvent.setup()
  await seen()
  await user.click(screen.getByRole('button', { name: 'Submit' }))
  await screen.findByText(/You have not moved anything/)
  expect(fake.judgments).toHaveLength(0)
  await user.click(screen.getByRole('button', { name: 'Move C up' }))
  await user.click(screen.getByRole('button', { name: 'Move C up' }))
  await user.click(screen.getByRole('button', { name: 'Submit' }))
  await waitFor(() => expect(fake.judgments[0]?.body.order).toEqual([2, 0, 1]))
})

test('number keys grade one scale after the other', async () => {
  const scales = [
    { name: 'Helpful', low: 1, high: 7 },
    { name: 'True', low: 1, high: 5 },
  ]
  const rating = { ...project, protocol: { ...project.protocol, kind: 'rating' as const, scales } }
  const fake = fakeServer({ project: rating })
  await open(fake)
  const user = userEvent.setup()
  await user.keyboard('6')
  await user.keyboard('7')
  await user.keyboard('3')
  await seen()
  await user.keyboard('{Control>}{Enter}{/Control}')
  await waitFor(() =>
    expect(fake.judgments[0]?.body.ratings).toEqual([
      { scale: 'Helpful', value: 6 },
      { scale: 'True', value: 3 },
    ]),
  )
})

test('skipping asks for the reason and leaves the item', async () => {
  const fake = fakeServer()
  await open(fake)
  const user = userEvent.setup()
  await seen()
  await user.keyboard('s')
  await user.click(await screen.findByRole('button', { name: 'Skip it' }))
  await waitFor(() => expect(fake.skipped).toEqual([{ item: 'item-1', reason: 'unsure' }]))
})

test('a script in an answer is text and an image is left out', async () => {
  const bad = '<script>window.hurt = 1</script> ![x](https://example.org/x.png) [y](javascript:alert(1))'
  const fake = fakeServer({
    items: items.map((item) => ({ ...item, completions: [{ text: bad }, { text: 'fine' }] })),
  })
  const { container } = await open(fake)
  expect(container.querySelector('script, img, [href^="javascript"]')).toBeNull()
})
