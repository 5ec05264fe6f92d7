import type { Run } from '@attune/server'
import { useQueries, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { Answered } from '../api/client.ts'
import { useClient } from '../api/context.tsx'
import { useEvents } from '../api/events.ts'

type RunView = Answered<'GET /api/runs/{name}'>
type Rows = Answered<'GET /api/runs/{name}/metrics'>['rows']

/** The rows of the same stage of several runs. */
export function useRows(runs: readonly string[], stage: string): { name: string; rows: Rows }[] {
  const client = useClient()
  const answers = useQueries({
    queries: runs.map((name) => ({
      queryKey: ['rows', name, stage],
      queryFn: () => client.call('GET /api/runs/{name}/metrics', { params: { name }, query: { stage } }),
    })),
  })
  return runs.map((name, i) => ({ name, rows: answers[i]?.data?.rows ?? [] }))
}

/** Milliseconds in which new rows are gathered, so that a log that is sent from its beginning is not drawn row by row. */
const gathering = 250

/**
 * Adds each new row of a running stage to those that were read. The rows are read again when the stream opens or a log begins
 * anew, and what comes during a reading waits for its end.
 */
export function useLiveRows(run: string | null, stage: string) {
  const queries = useQueryClient()
  const fresh = useRef<{ stage: string; rows: Rows }>({ stage, rows: [] })
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const add = () => {
    timer.current = undefined
    const key = ['rows', run, fresh.current.stage]
    const { stage: current, rows } = fresh.current
    if (queries.getQueryState(key)?.fetchStatus === 'fetching') return later()
    queries.setQueryData<{ stage: string; rows: Rows }>(key, (before) => ({
      stage: current,
      rows: withRows(before?.rows ?? [], rows),
    }))
    fresh.current = { stage: current, rows: [] }
  }
  const later = () => {
    timer.current ??= setTimeout(add, gathering)
  }
  const anew = (changed: string) => {
    if (changed === fresh.current.stage) fresh.current = { stage: changed, rows: [] }
    void queries.invalidateQueries({ queryKey: ['rows', run, changed] })
  }
  useEffect(() => {
    fresh.current = { stage, rows: [] }
  }, [stage])
  useEffect(() => () => clearTimeout(timer.current), [])
  useEvents(run && `/api/runs/${run}/events`, {
    open: () => anew(stage),
    restart: (data) => anew((data as { stage: string }).stage),
    metrics: (data) => {
      const event = data as { stage: string; row: Rows[number] }
      if (event.stage !== fresh.current.stage) return
      fresh.current = { stage: event.stage, rows: [...fresh.current.rows, event.row] }
      later()
    },
    run: (data) => {
      const now = data as Run
      const key = ['GET /api/runs/{name}', { params: { name: run } }]
      const before = queries.getQueryData<RunView>(key)
      if (before) queries.setQueryData<RunView>(key, { ...before, ...now })
      if (!before || phases(before) !== phases(now))
        void queries.invalidateQueries({
          predicate: ({ queryKey: [name] }) => String(name).startsWith('GET /api/runs'),
        })
    },
  })
}

/** What of a run changes what the page shows beside its curves: more than its steps. */
export function phases({ state, stages }: Pick<Run, 'state' | 'stages'>): string {
  return [state, ...stages.map((stage) => `${stage.name} ${stage.state}`)].join()
}

/** Rows with those that are not among them yet, in the order of their steps. */
export function withRows(known: Rows, fresh: Rows): Rows {
  const steps = new Set(known.map(({ step }) => step))
  const added = fresh.filter(({ step }) => !steps.has(step) && steps.add(step))
  return [...known, ...added].sort((a, b) => Number(a.step) - Number(b.step))
}
