/** Kinds of judgment in the words of the pages. */
export const kinds = [
  ['comparison', 'Compare two'],
  ['ranking', 'Rank several'],
  ['rating', 'Rate on scales'],
  ['binary', 'Thumbs'],
  ['critique', 'Critique'],
  ['edit', 'Rewrite'],
  ['demonstration', 'Write the answer'],
  ['rule-check', 'Check rules'],
  ['clip-comparison', 'Compare two clips'],
] as const

export type Kind = (typeof kinds)[number][0]

/** The question that is asked when none is given. */
export const questions: Readonly<Record<Kind, string>> = {
  comparison: 'Which answer is better?',
  ranking: 'Put the answers in order, best first',
  rating: 'How good is this answer?',
  binary: 'Is this a good answer?',
  critique: 'What is good or bad about this answer?',
  edit: 'Rewrite the answer as it should be',
  demonstration: 'Write the answer that the model should give',
  'rule-check': 'Which rules does this answer break?',
  'clip-comparison': 'Which clip is better?',
}

/** A kind in words. */
export function kindName(kind: string): string {
  return kinds.find(([name]) => name === kind)?.[1] ?? kind
}
