import { notFound } from '../http/api-error.ts'
import type { ModelRef } from '../inference/messages.ts'
import { discoverModels, type FoundModel } from './discover.ts'

/** Milliseconds for which a list of models is taken as true. */
const fresh = 2000

/** Lists the models of a folder, looking again after two seconds. */
export function modelList(folder: string): () => Promise<readonly FoundModel[]> {
  let last: { time: number; models: Promise<readonly FoundModel[]> } | undefined
  return () => {
    if (!last || Date.now() - last.time > fresh) last = { time: Date.now(), models: discoverModels(folder) }
    return last.models
  }
}

/** The model of an id, found in the list and never by a path. Throws `not-found`. */
export function modelOf(
  models: readonly FoundModel[],
  id: string,
  kind: FoundModel['kind'] = 'lm',
): FoundModel {
  const found = models.find((model) => model.id === id)
  if (!found) throw notFound(`the model '${id}'`)
  if (found.kind !== kind)
    throw notFound(`a ${kind === 'lm' ? 'language' : 'reward'} model '${id}' (it is of the other kind)`)
  return found
}

/** What the worker needs of a model. */
export function refOf({ path, stamp }: FoundModel): ModelRef {
  return { folder: path, stamp }
}
