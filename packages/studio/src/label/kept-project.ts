import type { Project } from '@attune/server'
import { useEffect } from 'react'
import { Problem } from '../api/client.ts'
import { useCall } from '../api/context.tsx'
import { useSession } from '../shell/session.tsx'
import { readStored, store } from '../storage.ts'

/** What the label page needs of a project: nothing about other people. */
export type LabelProject = Omit<Project, 'progress' | 'sampling'>

/** A project to label; while the server is away, as this browser last saw it. Nothing about other people is kept. */
export function useKeptProject(id: string) {
  const { account } = useSession()
  const slot = `project.${account.id}.${id}`
  const query = useCall('GET /api/projects/{id}', { params: { id } })
  const { data, error } = query
  useEffect(() => {
    if (data) store(slot, bare(data))
  }, [slot, data])
  const away = error instanceof Problem && error.status === 0
  const kept = data ?? (away ? readStored<LabelProject | undefined>(slot, undefined) : undefined)
  return { query, project: kept && bare(kept) }
}

function bare({ id, name, description, protocol, createdAt, archived }: LabelProject): LabelProject {
  return { id, name, description, protocol, createdAt, archived }
}
