import { Link, Outlet, useLocation, useOutletContext, useParams } from 'react-router'
import type { Answered } from '../api/client.ts'
import { useCall } from '../api/context.tsx'
import { ButtonLink } from '../design/button.tsx'
import { Figures, Page, Section, Tabs } from '../design/page.tsx'
import { Loaded, Meter } from '../design/state.tsx'
import { LoopPanel } from '../loop/loop-panel.tsx'
import { useMay } from '../shell/session.tsx'
import { promptLine } from '../text/prompt.tsx'
import { kindName } from './kinds.ts'

export type ProjectView = Answered<'GET /api/projects/{id}'>

/** A row of a file that could not be taken in, with the reason. */
export interface LeftOut {
  readonly row: number
  readonly message: string
}

/** The frame of a project's pages. */
export function ProjectPage() {
  const { id } = useParams()
  const project = useCall('GET /api/projects/{id}', { params: { id: id! } })
  return <Loaded query={project}>{(data) => <Framed project={data} />}</Loaded>
}

function Framed({ project }: { project: ProjectView }) {
  const reviewer = useMay('reviewer')
  const admin = useMay('admin')
  const base = `/projects/${project.id}`
  return (
    <Page
      title={project.name}
      kicker={<Link to="/">Projects</Link>}
      lede={project.description || project.protocol.question}
      actions={
        <ButtonLink to={`${base}/label`} kind="primary">
          Label
        </ButtonLink>
      }
    >
      <Tabs
        label="Parts of the project"
        tabs={[
          [base, 'Overview'],
          ...(reviewer ? ([[`${base}/agreement`, 'Agreement']] as const) : []),
          ...(admin ? ([[`${base}/people`, 'People']] as const) : []),
          ...(reviewer ? ([[`${base}/export`, 'Export']] as const) : []),
          ...(admin ? ([[`${base}/order`, 'Order']] as const) : []),
          ...(admin ? ([[`${base}/known`, 'Known answers']] as const) : []),
          ...(admin ? ([[`${base}/protocol`, 'Protocol']] as const) : []),
        ]}
      />
      <Outlet context={project} />
    </Page>
  )
}

/** The project whose page this is. */
export function useProject(): ProjectView {
  return useOutletContext<ProjectView>()
}

/** How far a project is, the button that trains on it, and its items. */
export function Overview() {
  const project = useProject()
  const { progress, protocol, sampling } = project
  const admin = useMay('admin')
  return (
    <div className="stack wide">
      {sampling && sampling.state !== 'done' && (
        <div className={sampling.state === 'failed' ? 'notice bad' : 'notice'} role="status">
          {sampling.state === 'failed'
            ? `Sampling stopped: ${sampling.error ?? 'unknown reason'}`
            : `${sampling.model} is writing: ${sampling.done} of ${sampling.total}`}
        </div>
      )}
      <RowsLeftOut />
      <Figures
        figures={[
          {
            name: 'Answers',
            value: `${progress.done} of ${progress.slots}`,
            note: <Meter value={progress.done} of={progress.slots} label="Answers" />,
          },
          {
            name: 'Items',
            value: progress.items,
            note: `${protocol.overlap} ${protocol.overlap === 1 ? 'person' : 'people'} each`,
          },
          { name: 'Skipped', value: progress.skipped, note: 'left to others' },
          {
            name: 'Kind',
            value: <span className="figure-word">{kindName(protocol.kind)}</span>,
            note: `protocol ${protocol.version}`,
          },
        ]}
      />
      {admin && <LoopPanel project={project} />}
      <Who project={project} />
      <Items id={project.id} />
    </div>
  )
}

/** Says which rows of the file that the project was just made from are not in it. */
function RowsLeftOut() {
  const { leftOut = [] } = (useLocation().state ?? {}) as { leftOut?: readonly LeftOut[] }
  if (leftOut.length === 0) return null
  return (
    <div className="notice warn" role="status">
      <strong>
        {leftOut.length === 1 ? 'One row was' : `${leftOut.length} rows were`} left out of the project.
      </strong>
      <ul className="small">
        {leftOut.slice(0, 5).map(({ row, message }) => (
          <li key={row}>
            Row {row}: {message}
          </li>
        ))}
        {leftOut.length > 5 && <li>… and {leftOut.length - 5} more</li>}
      </ul>
    </div>
  )
}

function Who({ project }: { project: ProjectView }) {
  const { perAnnotator } = project.progress
  if (perAnnotator.length === 0) return null
  const most = Math.max(...perAnnotator.map(({ done }) => done), 1)
  return (
    <Section title="Who answered">
      <ul className="who">
        {perAnnotator.map(({ annotator, name, done, skipped }) => (
          <li key={annotator}>
            <span>{name ?? annotator}</span>
            <Meter value={done} of={most} label={`Answers of ${name ?? annotator}`} />
            <span className="muted small">
              {done}
              {skipped > 0 && `, ${skipped} skipped`}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Items({ id }: { id: string }) {
  const items = useCall(
    'GET /api/projects/{id}/items',
    { params: { id }, query: { limit: 12 } },
    { enabled: useMay('reviewer') },
  )
  if (!items.data || items.data.items.length === 0) return null
  return (
    <Section title="Items">
      <ul className="items">
        {items.data.items.map(({ item: { id: item, prompt, completions, clips } }) => (
          <li key={item}>
            <p>{promptLine(prompt) || item}</p>
            <p className="muted small clamp">
              {(clips ?? completions.map(({ text }) => text.trim())).join('  ·  ')}
            </p>
          </li>
        ))}
      </ul>
    </Section>
  )
}
