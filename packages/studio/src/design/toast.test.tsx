// @vitest-environment happy-dom
import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { ToastProvider, useToast } from './toast.tsx'

afterEach(cleanup)

test('the same words twice change the live region twice', () => {
  let announce = (_: string) => {}
  function Page() {
    announce = useToast().announce
    return null
  }
  render(
    <ToastProvider>
      <Page />
    </ToastProvider>,
  )
  const say = () => {
    act(() => announce('Saved.'))
    return screen.getByRole('status').firstElementChild
  }
  const first = say()
  const second = say()
  expect(second!.textContent).toBe('Saved.')
  expect(second).not.toBe(first)
})
