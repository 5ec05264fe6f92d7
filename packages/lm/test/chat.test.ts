import { describe, expect, test } from 'vitest'
import {
  assistantParts,
  type ChatMessage,
  chatTemplate,
  chatTemplateOf,
  encodeConversation,
  encodeParts,
  loadTokenizer,
  renderChat,
  renderCompletion,
  tokenizer,
} from '../src/index.ts'
import { trainBpe } from '../src/tokenizer/train-bpe.ts'
import { readFixture } from './fixture.ts'

interface Case {
  readonly messages: ChatMessage[]
  readonly addGenerationPrompt: boolean
  readonly tools?: object[]
  readonly text?: string
  readonly generated?: [number, number][]
  readonly error?: string
}

interface ChatFixture {
  readonly templates: { name: string; source: string; specials: Record<string, string>; cases: Case[] }[]
  readonly masks: { template: string; messages: ChatMessage[]; ids: number[]; mask: number[] }[]
}

const golden = readFixture<ChatFixture>('chat')
const named = (name: string) => {
  const { source, specials } = golden.templates.find((entry) => entry.name === name)!
  return chatTemplate(source, specials)
}
const turns = golden.templates[0]!.cases[0]!.messages

describe.each(golden.templates)('$name', ({ source, specials, cases }) => {
  const template = chatTemplate(source, specials)
  test.each(cases.map((each, i) => [i, each] as const))(
    'conversation %i is rendered as transformers renders it',
    (_, each) => {
      const { messages, addGenerationPrompt, tools, text, generated, error } = each
      if (error !== undefined) {
        expect(() => template.render(messages, { addGenerationPrompt, tools })).toThrow(
          `the chat template refuses this conversation: ${error}`,
        )
        return
      }
      expect(renderChat(template, messages, { addGenerationPrompt, tools })).toBe(text)
      expect(template.marksGeneration).toBe(generated !== undefined)
      if (generated) {
        const spans = template.render(messages, { addGenerationPrompt }).generated
        expect(spans.map(({ start, end }) => [start, end])).toEqual(generated)
      }
    },
  )
})

test('ids and masks of generation blocks equal those of transformers', async () => {
  const tokens = await loadTokenizer('models/sotu-4m')
  for (const { template, messages, ids, mask } of golden.masks) {
    const chat = named(template)
    const { text, generated } = chat.render(messages)
    expect(encodeParts(tokens, text, generated, { keepTail: true })).toEqual({
      ids,
      learnt: mask.map(Boolean),
    })
    const trimmed = encodeConversation({ tokenizer: tokens, template: chat }, messages)
    const learnt = ids.filter((_, i) => trimmed.learnt[i])
    expect(trimmed.ids).toEqual(ids)
    // every turn ends with the end of text, and the new line behind it is not learnt
    expect(learnt.at(-1)).toBe(tokens.endOfText)
    expect(tokens.decode(learnt).replaceAll(/^\s+/g, '')).toMatch(/^Four, naïvely\.\n\n日本語 😀/)
  }
})

describe('without generation blocks', () => {
  test.each(['chatml', 'llama-3', 'zephyr', 'mistral', 'gemma'])(
    '%s: what the assistant wrote, by prefixes',
    (name) => {
      const { text, parts } = assistantParts(named(name), turns)
      expect(text).toBe(renderChat(named(name), turns))
      expect(
        parts.map(({ start, end }) =>
          text
            .slice(start, end)
            .replace(/<[^>]*>\s*$/, '')
            .trim(),
        ),
      ).toEqual(['Four, naïvely.\n\n日本語 😀', 'Five & "more"'])
    },
  )

  test('a template that rewrites earlier turns is refused', () => {
    const forgetful = chatTemplate(
      "{% for m in messages %}{{ m.role }}: {{ m.content if loop.last or m.role == 'user' else '...' }}\n{% endfor %}",
    )
    expect(() => assistantParts(forgetful, turns)).toThrow(
      'the chat template writes the first 2 messages differently once more follow',
    )
    expect(() => assistantParts(forgetful, turns.slice(0, 2))).not.toThrow()
  })

  test('a template that swallows the assistant is refused', () => {
    const deaf = chatTemplate(
      "{% for m in messages if m.role == 'user' %}user: {{ m.content }}\n{% endfor %}",
    )
    expect(() => assistantParts(deaf, turns)).toThrow(
      "the chat template swallows message 2 (assistant): its text 'Four, naïvely.\n\n日本語 😀' is not in the rendering",
    )
    expect(() =>
      renderCompletion(deaf, { prompt: turns.slice(0, 1), completion: turns.slice(1, 2) }),
    ).toThrow('swallows message 2')
  })

  test('a conversation without an assistant has nothing to learn', () => {
    expect(() => assistantParts(named('chatml'), turns.slice(0, 1))).toThrow(
      'no message has the role assistant',
    )
  })

  test('a template that cannot be parsed names the cause', () => {
    expect(() => chatTemplate('{% for %}')).toThrow(/the chat template cannot be read/)
  })
})

test('prompt and completion are cut where the assistant begins', () => {
  expect(
    renderCompletion(named('llama-3'), { prompt: turns.slice(0, 1), completion: turns.slice(1, 2) }),
  ).toEqual({
    prompt:
      '<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nWhat is two and two?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n',
    completion: 'Four, naïvely.\n\n日本語 😀<|eot_id|>',
  })
})

describe('a tokenizer’s template', () => {
  const json = trainBpe(['ab'], { vocabularySize: 258, specialTokens: ['<end>'] })
  const withTemplate = (chat_template: unknown) =>
    tokenizer(json, { eos_token: { content: '<end>' }, chat_template })

  test('one, several by name, or none', () => {
    const text = '{{ messages[0].content + eos_token }}'
    const messages = [{ role: 'user', content: 'hi' }]
    expect(chatTemplateOf(withTemplate(text))!.render(messages).text).toBe('hi<end>')
    const several = withTemplate([
      { name: 'default', template: text },
      { name: 'rag', template: 'rag' },
    ])
    expect(chatTemplateOf(several)!.render(messages).text).toBe('hi<end>')
    expect(chatTemplateOf(several, 'rag')!.render(messages).text).toBe('rag')
    expect(() => chatTemplateOf(several, 'tools')).toThrow(
      "no template named 'tools'; there are: default, rag",
    )
    expect(chatTemplateOf(withTemplate(undefined))).toBeUndefined()
  })

  test('the same id pads and ends: masks alone say what is learnt', () => {
    const tokens = withTemplate(
      "{% for m in messages %}{{ m.role ~ ':' ~ m.content ~ eos_token }}{% endfor %}",
    )
    const { ids, learnt } = encodeConversation({ tokenizer: tokens, template: chatTemplateOf(tokens)! }, [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: 'y' },
    ])
    expect(
      tokens.decode(
        ids.filter((_, i) => learnt[i]),
        { skipSpecialTokens: false },
      ),
    ).toMatch(/y<end>$/)
    expect(ids.filter((id) => id === tokens.endOfText)).toHaveLength(2)
    expect(learnt[ids.indexOf(tokens.endOfText!)]).toBe(false)
  })
})
