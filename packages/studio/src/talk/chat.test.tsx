// @vitest-environment happy-dom
import { cleanup, render, screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { MemoryRouter } from 'react-router'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fakeServer } from '../../test/fake-server.ts'
import { createClient } from '../api/client.ts'
import { App } from '../app.tsx'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})
afterEach(cleanup)

test('a message without an answer is in the conversation while it waits, and back in the field when it is stopped', async () => {
  const fake = fakeServer()
  let aborted = 0
  const send: typeof fetch = (url, init) =>
    String(url).startsWith('/v1/')
      ? new Promise((_, reject) => {
          init!.signal!.addEventListener('abort', () => {
            aborted++
            reject(new DOMException('stopped', 'AbortError'))
          })
        })
      : fake.fetch(url, init)
  const { unmount } = render(
    <MemoryRouter initialEntries={['/chat']}>
      <App client={createClient(send)} />
    </MemoryRouter>,
  )
  const user = userEvent.setup()
  const field = (await screen.findByRole(
    'textbox',
    { name: 'Your message' },
    { timeout: 60_000 },
  )) as HTMLTextAreaElement
  const conversation = within(screen.getByRole('list', { name: 'Conversation' }))
  await user.type(field, 'Hello{Enter}')
  await conversation.findByText('Hello')
  expect(field.value).toBe('')
  await user.type(field, 'and')
  await user.click(screen.getByRole('button', { name: 'Stop' }))
  await waitFor(() => expect(field.value).toBe('Hello\nand'))
  expect(conversation.queryByText('Hello')).toBeNull()
  await user.click(screen.getByRole('button', { name: 'Send' }))
  expect(aborted).toBe(1)
  unmount()
  expect(aborted).toBe(2)
})
