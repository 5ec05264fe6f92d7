import { Link } from 'react-router'
import type { Answered } from '../api/client.ts'
import { useAll } from '../api/context.tsx'
import { ButtonLink } from '../design/button.tsx'
import { Page } from '../design/page.tsx'
import { Empty, Loaded, Meter } from '../design/state.tsx'
import { useMay, useSession } from '../shell/session.tsx'
import { when } from '../text/when.ts'
import { kindName } from './kinds.ts'

type ProjectView = Answered<'GET /api/projects'>['items'][number]

/** The projects that the person may see. */
export function ProjectsPage() {
  const projects = useAll('GET /api/projects', { query: {} })
  const { account } = useSession()
  const admin = useMay('admin')
  return (
    <Page
      title="Projects"
      kicker={`Hello, ${account.name}`}
      lede="Each project asks people one question about many texts. Their answers teach a model."
      actions={
        admin && (
          <ButtonLink to="/projects/new" kind="primary" icon="plus">
            New project
          </ButtonLink>
        )
      }
    >
      <Loaded query={projects}>
        {({ items }) => {
          const open = items.filter(({ archived }) => !archived)
          const away = items.filter(({ archived }) => archived)
          return (
            <>
              <OpenProjects projects={open} admin={admin} />
              {admin && away.length > 0 && <PutAway projects={away} />}
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}

function OpenProjects({ projects, admin }: { projects: readonly ProjectView[]; admin: boolean }) {
  return projects.length === 0 ? (
    <Empty title="No project yet">
      <p>
        {admin
          ? 'Make one from a file of texts, or let a model write pairs to compare.'
          : 'The person who runs this studio has not given you a project yet.'}
      </p>
    </Empty>
  ) : (
    <ul className="cards">
      {projects.map((project) => (
        <ProjectCard key={project.id} project={project} />
      ))}
    </ul>
  )
}

/** Projects that were put away; on their Protocol pages they are brought back. */
function PutAway({ projects }: { projects: readonly ProjectView[] }) {
  return (
    <details>
      <summary>Put away ({projects.length})</summary>
      <ul>
        {projects.map(({ id, name }) => (
          <li key={id}>
            <Link to={`/projects/${id}/protocol`}>{name}</Link>
          </li>
        ))}
      </ul>
    </details>
  )
}

function ProjectCard({ project }: { project: ProjectView }) {
  const { id, name, description, protocol, progress, createdAt } = project
  const left = progress.slots - progress.done
  return (
    <li className="card">
      <p className="kicker">{kindName(protocol.kind)}</p>
      <h2>
        <Link to={`/projects/${id}`}>{name}</Link>
      </h2>
      {description && <p className="muted clamp">{description}</p>}
      <div className="card-foot">
        <Meter value={progress.done} of={progress.slots} label={`Answers of ${name}`} />
        <div className="row spread">
          <span className="muted small">
            {progress.done} of {progress.slots} answers · {when(createdAt)}
          </span>
          {left > 0 && (
            <ButtonLink to={`/projects/${id}/label`} size="small" kind="primary">
              Label
            </ButtonLink>
          )}
        </div>
      </div>
    </li>
  )
}
