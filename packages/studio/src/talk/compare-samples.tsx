import type { ModelEntry } from '@attune/server'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useClient } from '../api/context.tsx'
import { formatNumber } from '../chart/scale.ts'
import { Button } from '../design/button.tsx'
import { Field, NumberField } from '../design/field.tsx'
import { Failure } from '../design/state.tsx'
import { useKept } from '../storage.ts'
import { Prose } from '../text/prose.tsx'
import { type Sampling, type ScoredAnswer, sampleSeveral } from './generate.ts'

/** Several answers to one prompt, in the order of a reward model's scores. */
export function CompareSamples({
  model,
  rewards,
  sampling,
}: {
  model: ModelEntry
  rewards: readonly ModelEntry[]
  sampling: Sampling
}) {
  const client = useClient()
  const [prompt, setPrompt] = useKept('compare', '')
  const [count, setCount] = useState(4)
  const [reward, setReward] = useState(rewards[0]?.id ?? '')
  const sample = useMutation({
    mutationFn: () =>
      sampleSeveral(client, { model: model.id, prompt, count, sampling, reward: reward || undefined }),
  })
  return (
    <div className="stack">
      <form
        className="composer"
        onSubmit={(event) => {
          event.preventDefault()
          sample.mutate()
        }}
      >
        <textarea
          aria-label="Prompt"
          placeholder="Prompt"
          rows={2}
          required
          value={prompt}
          onChange={(event) => setPrompt(event.target.value)}
        />
        <div className="talk-bar">
          <NumberField label="Answers" min={2} max={16} value={count} onChange={(value) => setCount(value)} />
          <Field label="Scored by">
            {(control) => (
              <select {...control} value={reward} onChange={(event) => setReward(event.target.value)}>
                <option value="">nobody</option>
                {rewards.map(({ id }) => (
                  <option key={id}>{id}</option>
                ))}
              </select>
            )}
          </Field>
          <Button kind="primary" type="submit" disabled={sample.isPending}>
            {sample.isPending ? 'Writing …' : 'Sample'}
          </Button>
        </div>
      </form>
      {sample.error && <Failure error={sample.error} />}
      <ScoredList answers={sample.data ?? []} />
    </div>
  )
}

function ScoredList({ answers }: { answers: readonly ScoredAnswer[] }) {
  const scores = answers.flatMap(({ score }) => score ?? [])
  const [low, high] = [Math.min(...scores), Math.max(...scores)]
  return (
    <ol className="scored" aria-label="Answers">
      {answers.map(({ text, score }, i) => (
        <li key={`${i} ${text}`} className="answer">
          {score !== undefined && (
            <header>
              <h2>{formatNumber(score)}</h2>
              <span className="meter" aria-hidden="true">
                <span style={{ width: `${high > low ? (100 * (score - low)) / (high - low) : 100}%` }} />
              </span>
            </header>
          )}
          <Prose text={text} />
        </li>
      ))}
    </ol>
  )
}
