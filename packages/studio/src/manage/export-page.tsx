import { Icon } from '../design/icon.tsx'
import { Section } from '../design/page.tsx'
import { useProject } from './project-page.tsx'

const formats = [
  ['trl-preference', 'TRL, preference', 'prompt, chosen, rejected: for reward models, DPO and its kin'],
  ['trl-unpaired', 'TRL, unpaired preference', 'prompt, completion, label: for KTO'],
  ['trl-prompt-completion', 'TRL, prompt and completion', 'for supervised fine-tuning on what people wrote'],
  ['jsonl', 'JSON Lines', 'every judgment with who, when and how long'],
  ['csv', 'CSV', 'one row a judgment, for spreadsheets'],
  ['argilla', 'Argilla', 'records with responses'],
  ['label-studio', 'Label Studio', 'tasks with annotations'],
] as const

/** The judgments as files of formats that trainers and other tools read. */
export function ExportPage() {
  const { id, progress } = useProject()
  return (
    <Section title="Export" lede={`${progress.done} answers, streamed as they are stored.`}>
      <ul className="exports">
        {formats.map(([format, name, note]) => (
          <li key={format}>
            <a href={`/api/projects/${encodeURIComponent(id)}/export?format=${format}`} download>
              <Icon name="download" />
              <span>
                <strong>{name}</strong>
                <span className="muted small block">{note}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </Section>
  )
}
