import type { Judgment } from '@attune/feedback'
import { notFound } from '../http/api-error.ts'
import type { Handlers } from '../http/handler.ts'
import { agreementOf } from '../labelling/agreement.ts'
import { allItems } from '../runs/loop.ts'
import type { Services } from '../services.ts'

/** How far a project's annotators agree. */
export function agreementHandlers({ store, accounts }: Services): Pick<Handlers, 'readAgreement'> {
  return {
    readAgreement: async ({ params: { id } }) => {
      if (!(await store.projects.get(id))) throw notFound('the project')
      const judgments: Judgment[] = []
      for await (const judgment of store.judgments(id)) judgments.push(judgment)
      const items = new Map((await allItems(store, id)).map((item) => [item.id, item]))
      const { kappa, ...report } = agreementOf(judgments, { items, names: await accounts.names() })
      return { ...report, kappa }
    },
  }
}
