import type { ModelEntry } from '@attune/server'
import { useEffect, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'
import { useCall, useClient } from '../api/context.tsx'
import { Button } from '../design/button.tsx'
import { Choices, Field, NumberField } from '../design/field.tsx'
import { Page } from '../design/page.tsx'
import { Empty, Failure, Loaded } from '../design/state.tsx'
import { useToast } from '../design/toast.tsx'
import { useKept } from '../storage.ts'
import { Prose } from '../text/prose.tsx'
import { CompareSamples } from './compare-samples.tsx'
import { type Sampling, type Turn, write } from './generate.ts'

const modes = [
  ['talk', 'Talk'],
  ['compare', 'Compare samples'],
] as const

/** Talks to a model, or compares several of its answers. */
export function ChatPage() {
  const models = useCall('GET /api/models', { query: {} })
  return (
    <Page title="Chat" lede="Any language model that is here, from the first checkpoint to the newest.">
      <Loaded query={models}>{({ items }) => <Talk models={items} />}</Loaded>
    </Page>
  )
}

function Talk({ models }: { models: readonly ModelEntry[] }) {
  const [search, setSearch] = useSearchParams()
  const [mode, setMode] = useState<(typeof modes)[number][0]>('talk')
  const [sampling, setSampling] = useState<Sampling>({ temperature: 0.7, maxTokens: 64 })
  const writers = models.filter(({ kind }) => kind === 'lm')
  const model = writers.find(({ id }) => id === search.get('model')) ?? writers[0]
  if (!model)
    return (
      <Empty title="No model to talk to">
        <p>Put a model folder in Hugging Face’s layout under models/, or finish a run.</p>
      </Empty>
    )
  return (
    <div className="stack">
      <div className="talk-bar">
        <Field label="Model">
          {(control) => (
            <select
              {...control}
              value={model.id}
              onChange={(event) => setSearch({ model: event.target.value })}
            >
              {writers.map(({ id }) => (
                <option key={id}>{id}</option>
              ))}
            </select>
          )}
        </Field>
        <NumberField
          label="Temperature"
          min={0}
          max={2}
          step={0.1}
          value={sampling.temperature}
          onChange={(value) => setSampling({ ...sampling, temperature: value })}
        />
        <NumberField
          label="Longest answer"
          min={1}
          max={2048}
          value={sampling.maxTokens}
          onChange={(value) => setSampling({ ...sampling, maxTokens: value })}
        />
        <Choices legend="Mode" hideLegend options={modes} value={mode} onChange={setMode} />
      </div>
      {mode === 'talk' ? (
        <Conversation key={model.id} model={model} sampling={sampling} />
      ) : (
        <CompareSamples
          model={model}
          rewards={models.filter(({ kind }) => kind === 'reward')}
          sampling={sampling}
        />
      )}
    </div>
  )
}

function Conversation({ model, sampling }: { model: ModelEntry; sampling: Sampling }) {
  const client = useClient()
  const { announce } = useToast()
  const [turns, setTurns] = useKept<readonly Turn[]>(`chat.${model.id}`, [])
  const [text, setText] = useKept(`chat.${model.id}.text`, '')
  const typed = useRef(text)
  const type = (next: string) => {
    typed.current = next
    setText(next)
  }
  const [error, setError] = useState<Error | null>(null)
  const [writing, setWriting] = useState(false)
  const abort = useRef<AbortController>(null)
  useEffect(() => () => abort.current?.abort(), [])
  const send = async () => {
    const asked: Turn[] = [...turns, { role: 'user', content: text }]
    const controller = new AbortController()
    abort.current = controller
    setTurns(asked)
    type('')
    setError(null)
    setWriting(true)
    let answer = ''
    try {
      for await (const piece of write(client, { model, turns: asked, sampling, signal: controller.signal })) {
        answer += piece
        setTurns([...asked, { role: 'assistant', content: answer }])
      }
      if (answer === '') setTurns([...asked, { role: 'assistant', content: '' }])
      announce(answer || 'It wrote nothing.')
    } catch (reason) {
      const { aborted } = controller.signal
      if (!aborted) setError(reason as Error)
      // what has no answer goes back into the field, before what was typed meanwhile
      if (!aborted || answer === '') {
        setTurns(turns)
        type([text, typed.current].filter(Boolean).join('\n'))
      }
    }
    setWriting(false)
  }
  return (
    <>
      <Turns turns={turns} model={model} />
      {error && <Failure error={error} />}
      <Composer
        model={model}
        text={text}
        type={type}
        writing={writing}
        send={() => void send()}
        stop={() => abort.current?.abort()}
        clear={turns.length > 0 ? () => setTurns([]) : null}
      />
    </>
  )
}

interface ComposerProps {
  readonly model: ModelEntry
  readonly text: string
  readonly type: (text: string) => void
  readonly writing: boolean
  readonly send: () => void
  readonly stop: () => void
  /** Begins anew; null where nothing has been said. */
  readonly clear: (() => void) | null
}

function Composer({ model, text, type, writing, send, stop, clear }: ComposerProps) {
  return (
    <form
      className="composer chat-composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <textarea
        aria-label="Your message"
        placeholder={model.chat ? 'Your message' : 'The people of this country …'}
        rows={2}
        value={text}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || text.trim() === '' || writing) return
          event.preventDefault()
          send()
        }}
      />
      <div className="row spread">
        <span className="muted small on-desk">Enter sends, Shift+Enter makes a new line.</span>
        <span className="row">
          {clear && !writing && (
            <Button kind="plain" onClick={clear}>
              Begin anew
            </Button>
          )}
          {writing ? (
            <Button icon="stop" onClick={stop}>
              Stop
            </Button>
          ) : (
            <Button kind="primary" type="submit" icon="send" disabled={text.trim() === ''}>
              Send
            </Button>
          )}
        </span>
      </div>
    </form>
  )
}

function Turns({ turns, model }: { turns: readonly Turn[]; model: ModelEntry }) {
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    if (turns.length > 0) list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' })
  }, [turns])
  return (
    <ol ref={list} className="turns conversation" aria-label="Conversation">
      {turns.map(({ role, content }, i) => (
        <li key={`${i} ${role}`} className={role}>
          <span className="role">{role === 'user' ? 'You' : model.id}</span>
          {content === '' ? <span className="muted">(nothing)</span> : <Prose text={content} />}
        </li>
      ))}
      {turns.length === 0 && (
        <li className="muted">
          {model.chat ? 'Ask something.' : 'This model goes on from what you write: begin a sentence.'}
        </li>
      )}
    </ol>
  )
}
