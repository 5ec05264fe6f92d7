import type { Project } from '@attune/server'
import { useState } from 'react'
import { useCall, useChange } from '../api/context.tsx'
import { useNavigateFromHere } from '../api/navigate.ts'
import { Button } from '../design/button.tsx'
import { Choices, Field, NumberField } from '../design/field.tsx'
import { Failure } from '../design/state.tsx'
import { RoundsList } from './rounds-list.tsx'

const methods = [
  ['reward-ppo', 'Reward model, then PPO'],
  ['dpo', 'DPO'],
] as const

/** Takes the labels so far through training, and shows the rounds that were. */
export function LoopPanel({ project }: { project: Project & { progress: { done: number } } }) {
  const runs = useCall('GET /api/runs', { query: {} })
  const rounds = (runs.data?.items ?? []).filter((run) => run.project === project.id)
  const navigate = useNavigateFromHere()
  const start = useChange('POST /api/loop', (run) => navigate(`/runs/${run.name}`))
  const [open, setOpen] = useState(false)
  const [round, setRound] = useState(newRound)
  const { model, steps, next } = round
  if (project.protocol.kind !== 'comparison' && project.protocol.kind !== 'ranking') return null
  const { done } = project.progress
  return (
    <section className="loop">
      <div className="row spread">
        <div>
          <h2>Close the loop</h2>
          <p className="muted">
            {done === 0
              ? 'Once there are answers, a model can learn from them here.'
              : `The ${done} answers so far teach a reward model, and the reward model teaches the policy.`}
          </p>
        </div>
        <Button
          kind="primary"
          icon="play"
          disabled={done === 0 || start.isPending}
          onClick={() =>
            start.mutate({
              body: {
                project: project.id,
                method: round.method,
                nextItems: next,
                ...(model && { model }),
                ...(steps && { steps: Number(steps) }),
              },
            })
          }
        >
          {start.isPending ? 'Starting …' : 'Train on these labels'}
        </Button>
      </div>
      {start.error && <Failure error={start.error} />}
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>How</summary>
        <RoundFields round={round} change={setRound} />
      </details>
      {rounds.length > 0 && <RoundsList rounds={rounds} />}
    </section>
  )
}

/** How a round is to go. */
interface Round {
  readonly method: (typeof methods)[number][0]
  /** The policy that it starts from; empty: the server's choice. */
  readonly model: string
  readonly steps: string
  readonly next: number
}

const newRound: Round = { method: 'reward-ppo', model: '', steps: '', next: 0 }

function RoundFields({ round, change }: { round: Round; change: (round: Round) => void }) {
  const set = (part: Partial<Round>) => change({ ...round, ...part })
  return (
    <div className="form">
      <Choices
        legend="Method"
        options={methods}
        value={round.method}
        onChange={(method) => set({ method })}
      />
      <div className="form-columns">
        <StartingModel value={round.model} onChange={(model) => set({ model })} />
        <Field label="Steps of the policy" hint="Empty: as the recipe says.">
          {(control) => (
            <input
              {...control}
              type="number"
              min={1}
              max={10000}
              value={round.steps}
              onChange={(event) => set({ steps: event.target.value })}
            />
          )}
        </Field>
        <NumberField
          label="Items for the next round"
          hint="Sampled from the new model."
          min={0}
          max={5000}
          value={round.next}
          onChange={(value) => set({ next: value })}
        />
      </div>
    </div>
  )
}

/** Which model the round starts from. */
function StartingModel({ value, onChange }: { value: string; onChange: (model: string) => void }) {
  const found = useCall('GET /api/models', { query: {} })
  const policies = (found.data?.items ?? []).filter(({ kind }) => kind === 'lm')
  return (
    <Field label="Policy to start from">
      {(control) => (
        <select {...control} value={value} onChange={({ target }) => onChange(target.value)}>
          <option value="">the last round’s, or the one that wrote the answers</option>
          {policies.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}
