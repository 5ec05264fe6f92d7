import { expect, test } from 'vitest'
import { awayAfterSeconds, createClock } from './clock.ts'

function clockAt() {
  let time = 0
  const clock = createClock(() => time * 1000)
  return { clock, wait: (seconds: number) => (time += seconds) }
}

test('time counts while the page is visible and not while it is hidden', () => {
  const { clock, wait } = clockAt()
  wait(10)
  clock.setVisible(false)
  wait(300)
  clock.setVisible(true)
  wait(5)
  expect(clock.seconds()).toBe(15)
})

test('someone who walks away is counted until the limit, and again from the next touch', () => {
  const { clock, wait } = clockAt()
  wait(4)
  clock.touch()
  wait(3600)
  clock.touch()
  wait(6)
  expect(clock.seconds()).toBe(4 + awayAfterSeconds + 6)
})

test('reading the time does not change it, and a restart begins at zero', () => {
  const { clock, wait } = clockAt()
  wait(7)
  expect([clock.seconds(), clock.seconds()]).toEqual([7, 7])
  clock.restart()
  wait(2)
  expect(clock.seconds()).toBe(2)
})
