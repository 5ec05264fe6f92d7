import { useState } from 'react'
import type { Answered } from '../api/client.ts'
import { useCall, useChange } from '../api/context.tsx'
import { Button } from '../design/button.tsx'
import { Check, Choices, Field, NumberField } from '../design/field.tsx'
import { Figures, Section } from '../design/page.tsx'
import { Failure, Loaded, Meter } from '../design/state.tsx'
import { useToast } from '../design/toast.tsx'
import { useProject } from './project-page.tsx'
import { orders } from './protocol-fields.tsx'

type Selection = Answered<'GET /api/projects/{id}/selection'>
type Prescreen = NonNullable<Selection['prescreen']>

/** What people are asked next, and which pairs a model answers in their place. */
export function OrderPage() {
  const { id } = useProject()
  const selection = useCall('GET /api/projects/{id}/selection', { params: { id } })
  return (
    <div className="stack wide">
      <Loaded query={selection}>
        {(data) => (
          <>
            <Scoring selection={data} />
            <Settings selection={data} key={data.order} />
          </>
        )}
      </Loaded>
    </div>
  )
}

const words = { idle: 'Nothing to score', running: 'Scoring', done: 'Scored', failed: 'Stopped' } as const

/** How far the models have scored the open items. */
function Scoring({ selection: { order, state, prescreen } }: { selection: Selection }) {
  const project = useProject()
  const refresh = useChange('POST /api/projects/{id}/selection/refresh')
  const usesModels = order !== 'uniform' || prescreen !== null
  return (
    <Section
      title="Scoring"
      lede="Reward models score the items that are still open. It happens by itself when a model or items come."
      actions={
        <Button
          icon="replay"
          disabled={!usesModels || refresh.isPending || state.state === 'running'}
          onClick={() => refresh.mutate({ params: { id: project.id }, body: {} })}
        >
          Score now
        </Button>
      }
    >
      {state.reason && (
        <div className={state.state === 'failed' ? 'notice bad' : 'notice'} role="status">
          {state.reason}
        </div>
      )}
      <Figures
        figures={[
          {
            name: words[state.state],
            value: `${state.scored} of ${state.total}`,
            note: <Meter value={state.scored} of={state.total} label="Items scored" />,
          },
          {
            name: 'Models',
            value: state.models.length,
            note: state.models.join(', ') || 'none so far',
          },
          { name: 'Answered by a model', value: state.prescreened, note: 'with the source “ai”' },
        ]}
      />
      {refresh.error && <Failure error={refresh.error} />}
    </Section>
  )
}

const newPrescreen: Prescreen = { certainty: 0.95, checkShare: 0.1 }

function Settings({ selection }: { selection: Selection }) {
  const project = useProject()
  const found = useCall('GET /api/models', { query: {} })
  const { say } = useToast()
  const [order, setOrder] = useState(selection.order)
  const [models, setModels] = useState(selection.models)
  const [prescreen, setPrescreen] = useState(selection.prescreen)
  const update = useChange('PATCH /api/projects/{id}/selection', () => say('Saved. The queue follows.'))
  const rewards = (found.data?.items ?? []).filter(({ kind }) => kind === 'reward')
  return (
    <Section title="What is asked next?">
      <form
        className="form wide-form"
        onSubmit={(event) => {
          event.preventDefault()
          update.mutate({ params: { id: project.id }, body: { order, models, prescreen } })
        }}
      >
        <Choices legend="Order" hideLegend options={orders} value={order} onChange={setOrder} />
        <fieldset className="field">
          <legend>Reward models</legend>
          {rewards.map(({ id }) => (
            <Check
              key={id}
              label={id}
              checked={models.includes(id)}
              onChange={(checked) =>
                setModels(checked ? [...models, id] : models.filter((other) => other !== id))
              }
            />
          ))}
          <p className="hint">
            {rewards.length === 0
              ? 'There is none yet: train on some labels first.'
              : 'None chosen: the newest that this project has trained. Several are an ensemble, whose disagreement can be asked about.'}
          </p>
        </fieldset>
        {project.protocol.kind === 'comparison' && (
          <>
            <Check
              label="A model answers the pairs it is certain of"
              checked={prescreen !== null}
              onChange={(checked) => setPrescreen(checked ? newPrescreen : null)}
            />
            {prescreen && <PrescreenFields prescreen={prescreen} change={setPrescreen} />}
          </>
        )}
        {update.error && <Failure error={update.error} />}
        <div className="row">
          <Button kind="primary" type="submit" disabled={update.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Section>
  )
}

function PrescreenFields({
  prescreen,
  change,
}: {
  prescreen: Prescreen
  change: (prescreen: Prescreen) => void
}) {
  const found = useCall('GET /api/models', { query: {} })
  const judges = (found.data?.items ?? []).filter(({ kind }) => kind === 'lm')
  return (
    <div className="form-columns">
      <Field label="Who answers">
        {(control) => (
          <select
            {...control}
            value={prescreen.judge ?? ''}
            onChange={({ target: { value } }) => {
              const { judge: _, ...rest } = prescreen
              change(value ? { ...rest, judge: value } : rest)
            }}
          >
            <option value="">the reward models</option>
            {judges.map(({ id }) => (
              <option key={id} value={id}>
                {id}, as a judge
              </option>
            ))}
          </select>
        )}
      </Field>
      <NumberField
        label="Certain from, %"
        hint="Probability of the better answer."
        min={51}
        max={99}
        value={Math.round(100 * prescreen.certainty)}
        onChange={(value) => change({ ...prescreen, certainty: value / 100 })}
      />
      <NumberField
        label="Checked by people, %"
        hint="Of the pairs that a model answered."
        min={0}
        max={100}
        value={Math.round(100 * prescreen.checkShare)}
        onChange={(value) => change({ ...prescreen, checkShare: value / 100 })}
      />
    </div>
  )
}
