// @vitest-environment happy-dom
import { cleanup, render, screen, waitFor } from '@testing-library/react'
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

test('a decision says that it is one, and is sent again under its key when its answer was lost', async () => {
  const fake = fakeServer()
  const sent: { key: string }[] = []
  const send: typeof fetch = (url, init) => {
    if (init?.method === 'POST' && String(url).endsWith('/judgments'))
      sent.push(JSON.parse(String(init.body)))
    return fake.fetch(url, init)
  }
  render(
    <MemoryRouter initialEntries={['/projects/p1/agreement']}>
      <App client={createClient(send)} />
    </MemoryRouter>,
  )
  const user = userEvent.setup()
  const [button] = await screen.findAllByRole('button', { name: 'B' }, { timeout: 60_000 })
  fake.loseAnswers = 1
  await user.click(button!)
  await screen.findByText('The server cannot be reached.')
  await user.click(button!)
  await waitFor(() => expect(sent).toHaveLength(2))
  expect(sent[0]).toMatchObject({ decision: true, judgment: { kind: 'comparison', preferred: 1 } })
  expect(sent[1]!.key).toBe(sent[0]!.key)
  expect(fake.judgments).toHaveLength(1)
})
