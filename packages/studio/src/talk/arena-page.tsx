import type { ModelEntry } from '@attune/server'
import { useEffect, useState } from 'react'
import type { Answered } from '../api/client.ts'
import { useCall, useChange } from '../api/context.tsx'
import { Button } from '../design/button.tsx'
import { Field } from '../design/field.tsx'
import { Page } from '../design/page.tsx'
import { Empty, Failure, Loaded } from '../design/state.tsx'
import { useToast } from '../design/toast.tsx'
import { useKey, useKeyboard } from '../keyboard/keyboard.tsx'
import { useKept } from '../storage.ts'
import { Prose } from '../text/prose.tsx'
import { Leaderboard } from './leaderboard.tsx'

type Round = Answered<'POST /api/arena/round'>
type Preferred = 0 | 1 | 'tie' | 'both-bad'

/** Two models answer without their names; the vote tells who they were. */
export function ArenaPage() {
  const models = useCall('GET /api/models', { query: {} })
  return (
    <Page title="Arena" lede="Two models, one prompt, no names. Your vote decides who stands where.">
      <Loaded query={models}>
        {({ items }) => {
          const writers = items.filter(({ kind }) => kind === 'lm')
          return (
            <div className="stack wide">
              {writers.length < 2 ? (
                <Empty title="The arena needs two models">
                  <p>Finish a run, and the new model can meet the one it started from.</p>
                </Empty>
              ) : (
                <Bout models={writers} />
              )}
              <Leaderboard />
            </div>
          )
        }}
      </Loaded>
    </Page>
  )
}

function Bout({ models }: { models: readonly ModelEntry[] }) {
  const [prompt, setPrompt] = useKept('arena', '')
  const [pair, setPair] = useState<readonly [string, string]>(['', ''])
  const [round, setRound] = useState<Round | null>(null)
  const { announce } = useToast()
  const begin = useChange('POST /api/arena/round', (answer) => {
    setRound(answer)
    announce('Both have answered.')
  })
  const alike = pair[0] !== '' && pair[0] === pair[1]
  const start = () => {
    const drawn = pairOf(
      pair,
      models.map(({ id }) => id),
    )
    begin.mutate({ body: { prompt, ...(drawn && { models: drawn }) } })
  }
  useKey('arena.next', start, prompt.trim() !== '' && !begin.isPending && !alike)
  return (
    <section className="stack" aria-label="A round">
      <form
        className="composer"
        onSubmit={(event) => {
          event.preventDefault()
          start()
        }}
      >
        <textarea
          aria-label="Prompt"
          placeholder="A prompt for both"
          rows={2}
          required
          value={prompt}
          onChange={(event) => setPrompt(event.target.value)}
        />
        <div className="talk-bar">
          {([0, 1] as const).map((side) => (
            <Field label={side === 0 ? 'One model' : 'The other'} key={side}>
              {(control) => (
                <select
                  {...control}
                  value={pair[side]}
                  onChange={(event) =>
                    setPair(side === 0 ? [event.target.value, pair[1]] : [pair[0], event.target.value])
                  }
                >
                  <option value="">drawn by lot</option>
                  {models.map(({ id }) => (
                    <option key={id}>{id}</option>
                  ))}
                </select>
              )}
            </Field>
          ))}
          <StartButton pending={begin.isPending} alike={alike} again={round !== null} />
        </div>
        {alike && <p className="muted small">An arena compares two: choose another model on one side.</p>}
      </form>
      {begin.error && <Failure error={begin.error} />}
      {round && <Ballot key={round.id} round={round} />}
    </section>
  )
}

/** The two models of a round: those that were chosen, a side without one drawn from the others; undefined leaves both to the server. */
export function pairOf(
  [first, second]: readonly [string, string],
  models: readonly string[],
  random: () => number = Math.random,
): [string, string] | undefined {
  if (!first && !second) return undefined
  const others = models.filter((id) => id !== first && id !== second)
  const drawn = others[Math.floor(random() * others.length)]!
  return [first || drawn, second || drawn]
}

interface StartButtonProps {
  readonly pending: boolean
  readonly alike: boolean
  readonly again: boolean
}

function StartButton({ pending, alike, again }: StartButtonProps) {
  const { keyOf } = useKeyboard()
  return (
    <Button
      kind={again ? undefined : 'primary'}
      type="submit"
      hint={keyOf('arena.next')}
      disabled={pending || alike}
    >
      {pending ? 'Both are writing …' : again ? 'New round' : 'Ask both'}
    </Button>
  )
}

const ballots: readonly (readonly [key: string, preferred: Preferred, name: string])[] = [
  ['arena.a', 0, 'A is better'],
  ['arena.b', 1, 'B is better'],
  ['arena.tie', 'tie', 'Tie'],
  ['arena.both-bad', 'both-bad', 'Both bad'],
]

function Ballot({ round }: { round: Round }) {
  const [voted, setVoted] = useState<Preferred | null>(null)
  const [key] = useState(() => crypto.randomUUID())
  const { announce } = useToast()
  const vote = useChange('POST /api/arena/{id}/vote', ({ models }) =>
    announce(`A was ${models[0]}, B was ${models[1]}.`),
  )
  const cast = (preferred: Preferred) => {
    setVoted(preferred)
    vote.mutate({ params: { id: round.id }, body: { preferred, key } })
  }
  const names = vote.data?.models
  useEffect(() => {
    document.getElementById('ballot')?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <>
      <div className="pair">
        {round.answers.map(({ slot, text }, i) => (
          <article className={voted === i ? 'answer chosen' : 'answer'} key={slot} aria-label={slot}>
            <header>
              <h2>{slot}</h2>
              {names && <span className="reveal">{names[i]}</span>}
            </header>
            <p className="muted prompt-echo">{round.prompt}</p>
            <Prose text={text} />
          </article>
        ))}
      </div>
      <div className="row ballot" id="ballot">
        {ballots.map(([id, preferred, name]) => (
          <VoteButton
            key={id}
            id={id}
            name={name}
            chosen={voted === preferred}
            // a vote whose answer was lost may be stored: only the same one is sent again
            disabled={vote.isPending || vote.isSuccess || (voted !== null && voted !== preferred)}
            cast={() => cast(preferred)}
          />
        ))}
      </div>
      {vote.error && <Failure error={vote.error} retry={() => voted !== null && cast(voted)} />}
    </>
  )
}

interface VoteButtonProps {
  readonly id: string
  readonly name: string
  readonly chosen: boolean
  readonly disabled: boolean
  readonly cast: () => void
}

function VoteButton({ id, name, chosen, disabled, cast }: VoteButtonProps) {
  const { keyOf } = useKeyboard()
  useKey(id, cast, !disabled)
  return (
    <Button hint={keyOf(id)} aria-pressed={chosen} disabled={disabled} onClick={cast}>
      {name}
    </Button>
  )
}
