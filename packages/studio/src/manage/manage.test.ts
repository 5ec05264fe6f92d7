import { expect, test } from 'vitest'
import { inLetters } from './disagreements.tsx'
import { formatName, formatsOf, hasRows } from './export-page.tsx'
import { fileFormat } from './file-format.ts'
import { knownAnswer } from './known-answers-page.tsx'
import { changesOf, draftOf, newProtocol, protocolOf } from './protocol-fields.tsx'

test('the format of a file follows from its name and its first record', () => {
  expect(fileFormat('pairs.CSV', 'a,b').format).toBe('csv')
  expect(fileFormat('pairs.jsonl', '{"prompt":"a"}').format).toBe('jsonl')
  expect(fileFormat('export.json', '[{"data":{"prompt":"a"}}]').format).toBe('label-studio')
  expect(fileFormat('export.json', ' [{"fields":{"prompt":"a"}}]').format).toBe('argilla')
  expect(fileFormat('rows.json', '[{"prompt":"a"},{"prompt":"b"}]')).toEqual({
    format: 'jsonl',
    text: '{"prompt":"a"}\n{"prompt":"b"}',
  })
  expect(() => fileFormat('torn.json', '[{"prompt"')).toThrow('begins as a JSON array but is none')
})

test('formats are those of the server’s description, known or not', () => {
  const parameters = [{ name: 'id' }, { name: 'format', schema: { enum: ['csv', 'parquet', 'new'] } }]
  expect(formatsOf({ paths: { '/api/projects/{id}/export': { get: { parameters } } } })).toEqual([
    'csv',
    'parquet',
    'new',
  ])
  expect(formatsOf({ paths: {} })).toEqual([])
  expect(formatName('parquet')[0]).toBe('Parquet')
  expect(formatName('trl-preference-parquet')[0]).toBe('TRL, preference, Parquet')
  expect(formatName('new')).toEqual(['new', ''])
  expect(hasRows('trl-stepwise', 'rule-check')).toBe(true)
  expect(hasRows('trl-unpaired', 'ranking')).toBe(false)
  expect(hasRows('new', 'ranking')).toBe(true)
})

test('answers stand in the letters of the page', () => {
  expect(['0', '1', 'tie', 'both-bad'].map((answer) => inLetters('comparison', answer))).toEqual([
    'A',
    'B',
    'Tie',
    'Both bad',
  ])
  expect(inLetters('ranking', '2 > 0 > 1')).toBe('C > A > B')
  expect(inLetters('ranking', '2 > 0 = 1')).toBe('C > A = B')
  expect(knownAnswer('ranking', { order: [2, 0, 1], ties: [1] })).toBe('C > A = B')
  expect(inLetters('rating', 'Helpful 3')).toBe('Helpful 3')
})

test('a protocol that is opened and saved unchanged differs in its version alone', () => {
  const before = protocolOf(
    { ...newProtocol, kind: 'rating', question: 'How good?', scales: 'Style 1 3\nTruth -1 1' },
    '1',
  )
  const labelled = {
    ...before,
    scales: [{ name: 'Style', low: 1, high: 3, labels: ['bad', 'fair', 'good'] }, before.scales![1]!],
  }
  expect(protocolOf(draftOf(labelled), '2', labelled)).toEqual({ ...labelled, version: '2' })
  const rules = {
    ...protocolOf({ ...newProtocol, kind: 'rule-check', question: 'Which?', rules: 'a\nb' }, '1'),
    rules: [
      { id: 'x', text: 'a' },
      { id: 'rule-1', text: 'b' },
    ],
  }
  expect(protocolOf(draftOf(rules), '2', rules)).toEqual({ ...rules, version: '2' })
})

test('only the fields that were touched are kept, so that a change of others is not undone by saving', () => {
  const first = protocolOf({ ...newProtocol, question: 'Which?' }, '1')
  const before = draftOf(first)
  const changes = changesOf({ ...before, guidelines: 'Be strict.' }, before)
  expect(changes).toEqual({ guidelines: 'Be strict.' })
  const theirs = draftOf({ ...first, version: '2', order: 'diversity', question: 'Which is truer?' })
  expect(protocolOf({ ...theirs, ...changes }, '3')).toMatchObject({
    version: '3',
    order: 'diversity',
    question: 'Which is truer?',
    guidelines: 'Be strict.',
  })
})
