import type { Project } from '@attune/server'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { useClient } from '../api/context.tsx'
import { useSession } from '../shell/session.tsx'
import { type Clock, createClock } from './clock.ts'
import { createDesk, type Desk, type DeskState, leaseSeconds } from './desk.ts'
import { createDrafts } from './drafts.ts'
import { useOutbox } from './outbox-context.tsx'

/** The desk of the person who is logged in for a project; it is left when the page is. */
export function useDesk(project: Project): { desk: Desk; state: DeskState; clock: Clock } {
  const client = useClient()
  const outbox = useOutbox()
  const { account } = useSession()
  const clock = useMemo(() => createClock(), [])
  const desk = useMemo(
    () =>
      createDesk({
        client,
        outbox,
        drafts: createDrafts(account.id, project.id),
        account: account.id,
        project,
      }),
    [client, outbox, account.id, project],
  )
  useEffect(() => {
    void desk.start()
    const again = () => {
      if (!desk.getState().task) void desk.start()
    }
    const extending = setInterval(
      () => {
        if (document.visibilityState === 'visible') void desk.extend()
      },
      (leaseSeconds * 1000) / 3,
    )
    const retrying = setInterval(() => desk.getState().status === 'failed' && again(), 4000)
    window.addEventListener('online', again)
    return () => {
      clearInterval(extending)
      clearInterval(retrying)
      window.removeEventListener('online', again)
      desk.leave()
    }
  }, [desk])
  useVisibleTime(clock)
  const state = useSyncExternalStore(desk.subscribe, desk.getState)
  const { task } = state
  useEffect(() => {
    if (task?.item.id) clock.restart()
  }, [clock, task?.item.id])
  return { desk, state, clock }
}

/** Tells the clock when the page is hidden and when the person does something. */
function useVisibleTime(clock: Clock) {
  useEffect(() => {
    const visible = () => clock.setVisible(document.visibilityState === 'visible')
    const touch = () => clock.touch()
    document.addEventListener('visibilitychange', visible)
    for (const event of ['pointermove', 'keydown', 'scroll'] as const)
      window.addEventListener(event, touch, { passive: true })
    return () => {
      document.removeEventListener('visibilitychange', visible)
      for (const event of ['pointermove', 'keydown', 'scroll'] as const)
        window.removeEventListener(event, touch)
    }
  }, [clock])
}
