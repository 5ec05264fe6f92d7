import { expect, test } from 'vitest'
import { shownPrompt } from './prompt.ts'

const pieces = ['<|begin|>', '<|user|>', 'Hello', '<|assistant|>']
const tokenizer = {
  beginOfText: 0,
  decode: (ids: readonly number[], { skipSpecialTokens = true } = {}) =>
    ids.map((id) => (skipSpecialTokens && id !== 2 ? '' : pieces[id])).join(''),
}

test('the turns of a chat are told apart, and the beginning of a text is not shown', () => {
  expect(shownPrompt(tokenizer, [0, 2])).toBe('Hello')
  expect(shownPrompt(tokenizer, [1, 2, 3])).toBe('<|user|>Hello<|assistant|>')
  // ChatML begins a text and every turn with one token
  expect(shownPrompt(tokenizer, [0, 2, 0])).toBe('<|begin|>Hello<|begin|>')
})
