import { useState } from 'react'
import type { Sent } from '../api/client.ts'
import { useAll, useChange } from '../api/context.tsx'
import { Button } from '../design/button.tsx'
import { Choices, Field } from '../design/field.tsx'
import { Page, Section } from '../design/page.tsx'
import { Failure } from '../design/state.tsx'
import { KeyList } from '../keyboard/help-dialog.tsx'
import { useMay } from '../shell/session.tsx'
import { useTheme } from '../shell/theme.ts'
import { when } from '../text/when.ts'

/** Theme, keys, and for admins the keys of apps that send feedback. */
export function SettingsPage() {
  const [theme, setTheme] = useTheme()
  return (
    <Page title="Settings">
      <div className="stack wide settings">
        <Section title="Theme">
          <Choices
            legend="Theme"
            hideLegend
            options={[
              ['system', 'As the device'],
              ['light', 'Light'],
              ['dark', 'Dark'],
            ]}
            value={theme}
            onChange={setTheme}
          />
        </Section>
        <Section title="Keyboard">
          <KeyList />
        </Section>
        {useMay('admin') && <ApiKeys />}
      </div>
    </Page>
  )
}

/** A key that sends feedback to a project; without one it only asks models. Either may ask models. */
export function newKey(name: string, project: string): Sent<'POST /api/keys'>['body'] {
  return project === ''
    ? { name, scopes: ['inference'], project: null }
    : { name, scopes: ['feedback', 'inference'], project }
}

function ApiKeys() {
  const keys = useAll('GET /api/keys', { query: {} })
  const projects = useAll('GET /api/projects', { query: {} })
  const create = useChange('POST /api/keys')
  const revoke = useChange('DELETE /api/keys/{id}')
  const [name, setName] = useState('')
  const [project, setProject] = useState('')
  const error = create.error ?? revoke.error
  return (
    <Section
      title="API keys"
      lede="With a key an app sends its users’ thumbs to a project, or calls the models as OpenAI’s."
    >
      <ul className="who">
        {(keys.data?.items ?? [])
          .filter(({ revoked }) => !revoked)
          .map((key) => (
            <li key={key.id}>
              <span>{key.name}</span>
              <span className="muted small">
                {key.scopes.join(', ')} · {key.lastUsedAt ? `used ${when(key.lastUsedAt)}` : 'not used yet'}
              </span>
              <Button size="small" kind="danger" onClick={() => revoke.mutate({ params: { id: key.id } })}>
                Revoke
              </Button>
            </li>
          ))}
      </ul>
      {create.data && (
        <p className="notice" role="status">
          Keep this secret now; it is shown once: <code>{create.data.secret}</code>
        </p>
      )}
      {error && <Failure error={error} />}
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate({ body: newKey(name, project) })
        }}
      >
        <div className="form-columns">
          <Field label="Name of the app">
            {(control) => (
              <input {...control} required value={name} onChange={(event) => setName(event.target.value)} />
            )}
          </Field>
          <Field label="Feedback goes to" hint="Without a project the key asks models only.">
            {(control) => (
              <select {...control} value={project} onChange={(event) => setProject(event.target.value)}>
                <option value="">no project</option>
                {(projects.data?.items ?? []).map(({ id, name: title }) => (
                  <option key={id} value={id}>
                    {title}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
        <div>
          <Button type="submit" disabled={create.isPending}>
            Make a key
          </Button>
        </div>
      </form>
    </Section>
  )
}
