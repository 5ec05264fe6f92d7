import { expect, test } from 'vitest'
import { phases, withRows } from './live-rows.ts'
import { stageLabel } from './metric-names.ts'

test('rows that come twice or late are there once, in the order of their steps', () => {
  const known = [{ step: 1 }, { step: 2 }, { step: 4 }]
  expect(
    withRows(known, [{ step: 2 }, { step: 5 }, { step: 3 }, { step: 5 }]).map(({ step }) => step),
  ).toEqual([1, 2, 3, 4, 5])
})

test('a step of a stage is no new phase of its run, the next stage is', () => {
  const stage = (name: string, state: 'waiting' | 'running' | 'done', step = 0) => ({
    name,
    stage: name,
    state,
    step,
    steps: 9,
    seconds: null,
  })
  const run = (...stages: ReturnType<typeof stage>[]) => phases({ state: 'running', stages })
  expect(run(stage('reward', 'running', 3))).toBe(run(stage('reward', 'running', 4)))
  expect(run(stage('reward', 'done'), stage('ppo', 'running'))).not.toBe(
    run(stage('reward', 'running'), stage('ppo', 'waiting')),
  )
})

test('stages of one kind are told apart by their names', () => {
  const stages = ['helpful', 'harmless'].map((name) => ({ name, stage: 'reward' }))
  const ppo = { name: 'policy', stage: 'ppo' }
  expect([...stages, ppo].map((stage) => stageLabel(stage, [...stages, ppo]))).toEqual([
    'Reward model · helpful',
    'Reward model · harmless',
    'PPO',
  ])
})
