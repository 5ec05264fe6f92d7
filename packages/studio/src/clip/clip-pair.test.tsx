// @vitest-environment happy-dom
import { cleanup, render, screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { afterEach, expect, test } from 'vitest'
import { KeyboardProvider, useKey } from '../keyboard/keyboard.tsx'
import { ClipPair } from './clip-pair.tsx'

afterEach(cleanup)

const view = { left: 0, right: 1, bottom: 0, top: 1 }
const textOf = (id: string, figures: readonly unknown[] = []) =>
  JSON.stringify({ id, framesPerSecond: 4, frames: [{ view, background: '#fff', figures }] })

function open(texts: readonly string[]): { readonly answers: string[] } {
  const answers: string[] = []
  function Page() {
    useKey('clip.left', () => answers.push('left'))
    return <ClipPair texts={texts} names={['A', 'B']} />
  }
  render(
    <KeyboardProvider>
      <Page />
    </KeyboardProvider>,
  )
  return { answers }
}

test('arrows answer after a speed was chosen', async () => {
  const { answers } = open([textOf('a'), textOf('b')])
  const user = userEvent.setup()
  await user.selectOptions(screen.getByLabelText('Speed'), '2')
  await user.keyboard('{ArrowLeft}')
  expect(answers).toEqual(['left'])
  expect((screen.getByLabelText('Speed') as HTMLSelectElement).value).toBe('2')
})

test('a clip with a broken figure is a notice that says so', () => {
  open([textOf('a'), textOf('b', [{ kind: 'polygon', fill: '#c40' }])])
  expect(screen.getByText(/Frame 0 of the clip b is neither/).textContent).toContain('skip it')
})
