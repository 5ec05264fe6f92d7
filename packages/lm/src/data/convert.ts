import type { Example, ExampleType, TextOrChat } from './example.ts'

/** What a trainer reads: supervised fine-tuning takes two types. */
export type Wanted = 'supervised' | Exclude<ExampleType, 'language-modeling' | 'prompt-completion'>

/** An example as what is wanted, where it holds it; an empty list when it has nothing to give; undefined when its type cannot become the wanted one. */
export function convert(example: Example, wanted: Wanted): readonly Example[] | undefined {
  const kept = example.tools ? { tools: example.tools } : {}
  return conversions[wanted](example)?.map((converted) => ({ ...converted, ...kept }))
}

const conversions: Readonly<Record<Wanted, (example: Example) => readonly Example[] | undefined>> = {
  supervised: (example) => {
    switch (example.type) {
      case 'language-modeling':
        return [example]
      case 'prompt-completion':
        if (example.completion === '')
          throw new Error('the completion is empty; with the prompt masked there is nothing to learn')
        return [example]
      case 'preference':
        return [completing(example.prompt, example.completions[0]!)]
      case 'unpaired-preference':
        return example.label ? [completing(example.prompt, example.completion)] : []
      default:
        return undefined
    }
  },
  'prompt-only': (example) => {
    if ('prompt' in example) return [{ type: 'prompt-only', prompt: example.prompt }]
    if (typeof example.text === 'string') return undefined
    const answer = example.text.findLastIndex(({ role }) => role === 'assistant')
    const prompt = answer < 0 ? example.text : example.text.slice(0, answer)
    return prompt.length === 0 ? [] : [{ type: 'prompt-only', prompt }]
  },
  preference: (example) => (example.type === 'preference' ? [example] : undefined),
  'unpaired-preference': (example) => {
    if (example.type === 'unpaired-preference') return [example]
    if (example.type !== 'preference') return undefined
    const { prompt, completions } = example
    // of a ranking, the ends: what lies between was neither liked nor disliked
    return [judged(prompt, completions[0]!, true), judged(prompt, completions.at(-1)!, false)]
  },
  'stepwise-supervision': (example) => (example.type === 'stepwise-supervision' ? [example] : undefined),
}

/** Every pair of a ranking, better first; a comparison is a pair already. */
export function rankingPairs<T>(completions: readonly T[]): { chosen: T; rejected: T }[] {
  return completions.flatMap((chosen, i) =>
    completions.slice(i + 1).map((rejected) => ({ chosen, rejected })),
  )
}

function completing(prompt: TextOrChat, completion: TextOrChat): Example {
  return { type: 'prompt-completion', prompt, completion }
}

function judged(prompt: TextOrChat, completion: TextOrChat, label: boolean): Example {
  return { type: 'unpaired-preference', prompt, completion, label }
}
