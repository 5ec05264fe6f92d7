// @vitest-environment happy-dom
import { cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { isLive, useEvents } from './events.ts'

class FakeSource extends EventTarget {
  static all: FakeSource[] = []
  readonly CLOSED = 2
  readyState = 1
  constructor(readonly url: string) {
    super()
    FakeSource.all.push(this)
  }
  close() {
    this.readyState = 2
  }
  send(name: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }))
  }
}

const open = () => FakeSource.all.filter(({ readyState }) => readyState !== 2)
const show = (visible: boolean) => {
  Object.defineProperty(document, 'hidden', { configurable: true, value: !visible })
  document.dispatchEvent(new Event('visibilitychange'))
}

beforeEach(() => {
  FakeSource.all = []
  vi.stubGlobal('EventSource', FakeSource)
})
afterEach(() => {
  cleanup()
  show(true)
  vi.unstubAllGlobals()
})

test('a hidden page holds no connection, and opens its stream again when it is shown', () => {
  const { unmount } = renderHook(() => useEvents('/events', { run: () => {} }))
  expect(open()).toHaveLength(1)
  show(false)
  expect(open()).toHaveLength(0)
  show(true)
  show(true)
  expect(open()).toHaveLength(1)
  open()[0]!.close() // the server refused it
  show(true)
  expect(open()).toHaveLength(1)
  unmount()
  show(false)
  show(true)
  expect(open()).toHaveLength(0)
})

test('an event meets the handlers of the newest draw, without another connection', () => {
  const heard: unknown[] = []
  const { rerender } = renderHook(
    ({ stage }) => useEvents('/events', { metrics: (data) => heard.push([stage, data]), open: () => {} }),
    { initialProps: { stage: 'reward' } },
  )
  rerender({ stage: 'ppo' })
  expect(FakeSource.all).toHaveLength(1)
  open()[0]!.send('metrics', { step: 1 })
  open()[0]!.dispatchEvent(new Event('open'))
  expect(heard).toEqual([['ppo', { step: 1 }]])
})

test('a change of a project does not have a reward model score its groups again', () => {
  expect(['GET /api/projects', 'GET /api/projects/{id}/items', 'GET /api/runs/{name}'].every(isLive)).toBe(
    true,
  )
  expect(['GET /api/projects/{id}/groups', 'GET /api/projects/{id}/agreement', 'rows'].some(isLive)).toBe(
    false,
  )
})
