import type { Inspection, ShownToken } from './inspect.ts'

/** Problems listed before the rest is only counted. */
const mostProblems = 10

/** An inspection for people: counts, lengths, problems, and examples token by token, learnt ones marked. */
export function showInspection(found: Inspection, { colour }: { colour: boolean }): string {
  const { rows, examples, shape, type, form, labels, duplicates, lengths, limit, tooLong } = found
  const read = shape === type ? type : `${shape}, read as ${type}`
  const lines = [
    `${found.file}: ${count(rows, 'row')} of ${form} ${read}${examples === rows ? '' : `, ${count(examples, 'example')}`}`,
    ...(labels ? [`  labels      ${labels.liked} liked, ${labels.disliked} disliked`] : []),
    ...Object.entries(lengths).map(
      ([name, { min, p50, p90, p99, max }]) =>
        `  ${name.padEnd(11)} ${min} to ${max}, half up to ${p50}, 90 % up to ${p90}, 99 % up to ${p99}`,
    ),
    ...(limit === undefined ? [] : [`  too long    ${tooLong} of more than ${limit} tokens`]),
    `  duplicates  ${count(duplicates.examples, 'example')}, ${count(duplicates.prompts, 'prompt')}`,
    `  problems    ${found.problems.length}`,
    ...found.problems.slice(0, mostProblems).map(({ where, message }) => `    ${where}: ${message}`),
    ...(found.problems.length > mostProblems ? [`    and ${found.problems.length - mostProblems} more`] : []),
  ]
  const samples = found.samples.flatMap(({ where, rows: tokens }) => [
    '',
    where,
    ...tokens.flatMap(({ name, tokens: shown }) => [
      `  ${name}: ${count(shown.length, 'token')}, ${shown.filter(({ learnt }) => learnt).length} learnt`,
      `    ${colour ? coloured(shown) : marked(shown)}`,
    ]),
  ])
  const legend = colour ? [] : ['', 'tokens are divided by |, learnt ones stand in ⟦ ⟧']
  return `${[...lines, ...samples, ...(samples.length > 0 ? legend : [])].join('\n')}\n`
}

function marked(tokens: readonly ShownToken[]): string {
  return runs(tokens)
    .map((run) => {
      const text = run.map(({ text }) => visible(text)).join('|')
      return run[0]!.learnt ? `⟦${text}⟧` : text
    })
    .join('')
}

/** Learnt tokens on green, others on grey, in two shades by turns. */
function coloured(tokens: readonly ShownToken[]): string {
  return tokens
    .map(({ text, learnt }, i) => {
      const shade = learnt ? [22, 28][i % 2] : [236, 239][i % 2]
      return `\x1b[48;5;${shade}m\x1b[38;5;${learnt ? 231 : 250}m${visible(text)}\x1b[0m`
    })
    .join('')
}

/** Neighbours that are all learnt or all not. */
function runs(tokens: readonly ShownToken[]): ShownToken[][] {
  const found: ShownToken[][] = []
  for (const token of tokens) {
    const last = found.at(-1)
    if (last && last[0]?.learnt === token.learnt) last.push(token)
    else found.push([token])
  }
  return found
}

/** White space and control characters as signs. */
function visible(text: string): string {
  return text
    .replaceAll('\n', '⏎')
    .replaceAll('\t', '⇥')
    .replaceAll(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
