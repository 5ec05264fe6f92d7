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
  await user.keyboard('1')
  await waitFor(() => expect(fake.judgments).toHaveLength(1))
  await waitFor(() => expect(shown()).not.toEqual(first))
  await user.keyboard('u')
  await waitFor(() => expect(shown()).toEqual(first))
  expect(live(fake)).toHaveLength(0)
  await user.keyboard('8')
  await waitFor(() => expect(live(fake)).toHaveLength(1))
  expect(live(fake)[0]!.item).toBe(fake.judgments[0]!.item)
})

test('an answer given without a network is sent once when it is back, also after a reload and a lost acknowledgement', async () => {
  const fake = fakeServer()
  const { unmount } = await open(fake)
  const user = userEvent.setup()
  fake.loseAnswers = 1
  await user.keyboard('2')
  await screen.findByText(/The server cannot be reached/)
  await screen.findByText(/One answer is kept in this browser/)
  expect(fake.judgments).toHaveLength(1)
  unmount()
  await open(fake)
  await waitFor(() => expect(storedNames('outbox.')).toEqual([]))
  expect(fake.judgments).toHaveLength(1)
})

test('undo of an answer that was not sent yet never reaches the server', async () => {
  const fake = fakeServer()
  await open(fake)
  const user = userEvent.setup()
  const first = shown()
  fake.online = false
  await user.keyboard('2')
  await screen.findByText(/The server cannot be reached/)
  await user.keyboard('u')
  await waitFor(() => expect(shown()).toEqual(first))
  fake.online = true
  window.dispatchEvent(new Event('online'))
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(fake.judgments).toHaveLength(0)
})

test('keys typed into a text field are text', async () => {
  const fake = fakeServer()
  await open(fake)
  const user = userEvent.setup()
  await user.click(screen.getByText('Say why (optional)'))
  await user.type(screen.getByRole('textbox', { name: 'Why' }), '12 sugars')
  expect(fake.judgments).toHaveLength(0)
  await user.click(screen.getByRole('button', { name: /^A better/ }))
  await waitFor(() => expect(fake.judgments[0]?.body.comment).toBe('12 sugars'))
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
