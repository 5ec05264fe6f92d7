import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import type { Client } from '../api/client.ts'
import { useCall, useClient } from '../api/context.tsx'
import { useNavigateFromHere } from '../api/navigate.ts'
import { batches, clipItems } from '../clip/clip-items.ts'
import { Button } from '../design/button.tsx'
import { Choices, Field, NumberField } from '../design/field.tsx'
import { Page } from '../design/page.tsx'
import { Failure } from '../design/state.tsx'
import { useKept } from '../storage.ts'
import { FileDrop, type PickedFile, Preview } from './file-drop.tsx'
import { fileFormat } from './file-format.ts'
import type { LeftOut } from './project-page.tsx'
import { newProtocol, type ProtocolDraft, ProtocolFields, protocolOf } from './protocol-fields.tsx'

const sources = [
  ['file', 'From a file'],
  ['model', 'From a model’s samples'],
] as const

/** What is typed into the form and kept in the tab; the file, which may be large, is not. */
interface Draft {
  readonly name: string
  readonly description: string
  readonly source: (typeof sources)[number][0]
  readonly model: string
  readonly prompts: string
  readonly count: number
  readonly length: number
  readonly temperature: number
  readonly protocol: ProtocolDraft
}

const empty: Draft = {
  name: '',
  description: '',
  source: 'file',
  model: '',
  prompts: '',
  count: 2,
  length: 48,
  temperature: 0.8,
  protocol: newProtocol,
}

/** Makes a project from a file, or from what a model writes. */
export function NewProjectPage() {
  const [draft, setDraft, done] = useKept('new-project', empty)
  const [file, setFile] = useState<PickedFile | null>(null)
  const client = useClient()
  const queries = useQueryClient()
  const navigate = useNavigateFromHere()
  const create = useMutation({
    mutationFn: () => createProject(client, draft, file),
    onSuccess: async ({ id, leftOut }) => {
      done()
      await queries.invalidateQueries()
      navigate(`/projects/${id}`, { state: { leftOut } })
    },
  })
  const set = (part: Partial<Draft>) => setDraft({ ...draft, ...part })
  const missing =
    (draft.name.trim() === '' && 'It needs a name') ||
    (draft.source === 'file' && !file && 'It needs a file') ||
    (draft.source === 'model' && draft.prompts.trim() === '' && 'It needs prompts')
  return (
    <Page title="New project" kicker={<Link to="/">Projects</Link>}>
      <form
        className="form wide-form"
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <div className="form-columns">
          <Field label="Name">
            {(control) => (
              <input
                {...control}
                required
                value={draft.name}
                onChange={(event) => set({ name: event.target.value })}
              />
            )}
          </Field>
          <Field label="Description (optional)">
            {(control) => (
              <input
                {...control}
                value={draft.description}
                onChange={(event) => set({ description: event.target.value })}
              />
            )}
          </Field>
        </div>
        <Choices
          legend="Where do the texts come from?"
          options={sources}
          value={draft.source}
          onChange={(source) => set({ source })}
        />
        {draft.source === 'file' ? (
          <>
            <FileDrop file={file} onFile={setFile} accept=".jsonl,.json,.csv,.ndjson" />
            {file && <Preview file={file} />}
          </>
        ) : (
          <SampleFields draft={draft} set={set} />
        )}
        <ProtocolFields draft={draft.protocol} change={(protocol) => set({ protocol })} />
        {create.error && <Failure error={create.error} />}
        <div className="row">
          <Button kind="primary" type="submit" disabled={Boolean(missing) || create.isPending}>
            {create.isPending ? 'Making it …' : 'Make the project'}
          </Button>
          {missing && <span className="muted small">{missing}</span>}
        </div>
      </form>
    </Page>
  )
}

function SampleFields({ draft, set }: { draft: Draft; set: (part: Partial<Draft>) => void }) {
  const models = useCall('GET /api/models', { query: {} })
  const writers = (models.data?.items ?? []).filter(({ kind }) => kind === 'lm')
  return (
    <>
      <Field label="Model">
        {(control) => (
          <select
            {...control}
            value={draft.model || writers[0]?.id}
            onChange={(event) => set({ model: event.target.value })}
          >
            {writers.map(({ id }) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Prompts" hint="One a line.">
        {(control) => (
          <textarea
            {...control}
            rows={6}
            value={draft.prompts}
            onChange={(event) => set({ prompts: event.target.value })}
          />
        )}
      </Field>
      <div className="form-columns">
        <NumberField
          label="Answers per prompt"
          hint="Where people are asked about one answer, each is a task of its own."
          min={1}
          max={9}
          value={draft.count}
          onChange={(value) => set({ count: value })}
        />
        <NumberField
          label="Longest answer, tokens"
          min={1}
          max={2048}
          value={draft.length}
          onChange={(value) => set({ length: value })}
        />
        <NumberField
          label="Temperature"
          min={0}
          max={5}
          step={0.1}
          value={draft.temperature}
          onChange={(value) => set({ temperature: value })}
        />
      </div>
    </>
  )
}

/** A project that was made, and the rows of the file that are not in it. */
interface Made {
  readonly id: string
  readonly leftOut: readonly LeftOut[]
}

/** Makes the project and fills it; one that cannot be filled is put away again, and the reason thrown. */
async function createProject(client: Client, draft: Draft, file: PickedFile | null): Promise<Made> {
  const about = {
    name: draft.name.trim(),
    description: draft.description.trim(),
    protocol: protocolOf(draft.protocol, '1'),
  }
  if (draft.source === 'file' && file) {
    const fill = draft.protocol.kind === 'clip-comparison' ? fillWithClips(file) : fillWithRows(file)
    const { id } = await client.call('POST /api/projects', { body: about })
    try {
      return { id, leftOut: await fill(client, id) }
    } catch (error) {
      await client
        .call('PATCH /api/projects/{id}', { params: { id }, body: { archived: true } })
        .catch(() => {}) // what failed first is the news
      throw error
    }
  }
  const models = await client.call('GET /api/models', { query: {} })
  const model = draft.model || models.items.find(({ kind }) => kind === 'lm')?.id
  if (!model) throw new Error('There is no model to sample from. Put one under models/ first.')
  const project = await client.call('POST /api/projects/from-samples', {
    body: {
      ...about,
      model,
      prompts: draft.prompts
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
      completionsPerPrompt: draft.count,
      maxNewTokens: draft.length,
      temperature: draft.temperature,
    },
  })
  return { id: project.id, leftOut: [] }
}

type Fill = (client: Client, id: string) => Promise<readonly LeftOut[]>

/** Adds a file's pairs of clips in parts. Throws at once when the file holds none. */
function fillWithClips({ text }: PickedFile): Fill {
  const parts = batches(clipItems(text))
  return async (client, id) => {
    for (const items of parts)
      await client.call('POST /api/projects/{id}/items', { params: { id }, body: { items } })
    return []
  }
}

/** Adds a file's rows. Throws when nothing of it can be read. */
function fillWithRows({ name, text }: PickedFile): Fill {
  const body = fileFormat(name, text)
  return async (client, id) => {
    const { items, problems } = await client.call('POST /api/projects/{id}/import', { params: { id }, body })
    const [first] = problems
    if (items === 0 && first) throw new Error(`Row ${first.row} of the file: ${first.message}`)
    return problems
  }
}
