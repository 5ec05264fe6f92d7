import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { useClient } from '../api/context.tsx'
import { useToast } from '../design/toast.tsx'
import { useSession } from '../shell/session.tsx'
import { type Clock, createClock } from './clock.ts'
import { createDesk, type Desk } from './desk.ts'
import type { DeskState } from './desk-state.ts'
import { createDrafts } from './drafts.ts'
import type { LabelProject } from './kept-project.ts'
import { leaseSeconds } from './lease.ts'
import { type Outgoing, outboxSlot } from './outbox.ts'
import { useOutbox } from './outbox-context.tsx'

/** Where nothing is left, or the server was away, there may be a task some seconds later. */
const lookAgainEvery = 4000

/** The desk of the person who is logged in for a project; it is left when the page is. */
export function useDesk(project: LabelProject): { desk: Desk; state: DeskState; clock: Clock } {
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
    void desk.extend()
    const again = () => {
      if (!desk.getState().task) void desk.start()
    }
    const extend = () => {
      if (document.visibilityState === 'visible') void desk.extend()
    }
    const extending = setInterval(extend, (leaseSeconds * 1000) / 3)
    document.addEventListener('visibilitychange', extend)
    const retrying = setInterval(() => {
      if (['failed', 'empty'].includes(desk.getState().status) && document.visibilityState === 'visible')
        again()
    }, lookAgainEvery)
    window.addEventListener('online', again)
    return () => {
      clearInterval(extending)
      document.removeEventListener('visibilitychange', extend)
      clearInterval(retrying)
      window.removeEventListener('online', again)
      desk.leave()
    }
  }, [desk])
  useVisibleTime(clock)
  useOtherTabs(desk, account.id, project.id)
  const state = useSyncExternalStore(desk.subscribe, desk.getState)
  const { task } = state
  useEffect(() => {
    if (task?.item.id) clock.restart()
  }, [clock, task?.item.id])
  return { desk, state, clock }
}

/** Takes from the desk what the same person answers in another tab, so that nothing is answered twice. */
function useOtherTabs(desk: Desk, account: string, project: string) {
  const { say } = useToast()
  useEffect(() => {
    const listen = ({ key, oldValue, newValue }: StorageEvent) => {
      // only a new answer: one that is there already changes when it is sent or taken back
      if (!key?.startsWith(`attune.${outboxSlot}`) || !newValue || oldValue) return
      const { account: whose, project: where, body } = JSON.parse(newValue) as Outgoing
      if (whose !== account || where !== project || !body.item || body.judgment.kind === 'flag') return
      if (desk.answeredElsewhere(body.item)) say('You have answered this in another tab. Here is the next.')
    }
    const close = () => desk.close()
    window.addEventListener('storage', listen)
    window.addEventListener('pagehide', close)
    return () => {
      window.removeEventListener('storage', listen)
      window.removeEventListener('pagehide', close)
    }
  }, [desk, account, project, say])
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
