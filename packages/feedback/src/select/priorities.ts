import type { NewItem } from '../model/item.ts'
import type { Protocol } from '../model/project.ts'
import { promptText } from '../model/text.ts'
import { bagOfWords, kCentreOrder } from './diversity.ts'
import { ensembleDisagreement, scoreUncertainty } from './uncertainty.ts'

/** Most items of one batch that are put in an order of diversity; the rest keep their random order after them. */
const mostDiverse = 1000

/**
 * Priorities in [0, 1] that a protocol's order gives to a batch of items, by id; higher is asked first. Uncertainty needs
 * `score` on every completion, disagreement `scores`; items without them come last. Throws `RangeError` with the item whose
 * completions have not equally many scores.
 */
export function prioritiesOf(items: readonly NewItem[], order: Protocol['order']): Map<string, number> {
  switch (order) {
    case 'uniform':
      return new Map()
    case 'uncertainty':
      return valued(items, ({ completions = [] }) =>
        scoreUncertainty(completions.flatMap(({ score }) => score ?? [])),
      )
    case 'disagreement':
      return valued(items, ({ completions = [] }) =>
        ensembleDisagreement(completions.flatMap(({ scores }) => (scores ? [scores] : []))),
      )
    case 'diversity': {
      const vectors = items
        .slice(0, mostDiverse)
        .map(({ prompt, completions = [] }) =>
          bagOfWords([promptText(prompt), ...completions.map(({ text }) => text)].join(' ')),
        )
      const places = kCentreOrder(vectors)
      return new Map(places.map((index, place) => [items[index]!.id, 1 - place / places.length]))
    }
  }
}

function valued(items: readonly NewItem[], value: (item: NewItem) => number): Map<string, number> {
  return new Map(
    items.map((item) => {
      try {
        return [item.id, value(item)]
      } catch (cause) {
        throw new RangeError(`item '${item.id}': ${(cause as Error).message}`)
      }
    }),
  )
}
