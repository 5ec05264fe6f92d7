import type { Judgment, NewItem } from '@attune/feedback'
import { ApiError } from '../http/api-error.ts'
import type { Handlers } from '../http/handler.ts'
import { withId } from '../labelling/item.ts'
import type { Services } from '../services.ts'

/** What an app's own users do becomes judgments of the key's project. */
export function feedbackHandlers({ store, events }: Services): Pick<Handlers, 'feedback'> {
  return {
    feedback: async ({ body, headers }, { key }) => {
      const project = key?.project ? await store.projects.get(key.project) : null
      if (!key || !project) throw new ApiError(409, 'no-project', "the key's project is not there any more")
      const completions =
        'completions' in body
          ? body.completions.map((text, i) => ({ text, ...(body.models ? { model: body.models[i] } : {}) }))
          : [{ text: body.completion, ...(body.model ? { model: body.model } : {}) }]
      const item: NewItem = withId({ prompt: body.prompt, completions, metadata: { source: 'feedback' } })
      await store.addItems(project.id, [item])
      const record = {
        project: project.id,
        item: item.id,
        annotator: { id: `app:${key.id}:${body.user ?? 'anonymous'}`, source: 'person' as const },
        time: new Date().toISOString(),
        protocol: project.protocol.version,
        prompt: body.prompt,
        ...(body.comment ? { comment: body.comment } : {}),
      }
      const judgment: Judgment & { project: string } =
        'completions' in body
          ? { kind: 'comparison', ...record, completions: body.completions, preferred: body.preferred }
          : { kind: 'binary', ...record, completion: body.completion, desirable: body.desirable }
      const result = await store.submit(judgment, { key: `${key.id}:${headers['idempotency-key']}` })
      events.publish({ type: 'project', id: project.id })
      return { id: result.judgment.id, duplicate: result.duplicate }
    },
  }
}
