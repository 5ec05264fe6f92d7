import { useQuery } from '@tanstack/react-query'
import { Icon } from '../design/icon.tsx'
import { Section } from '../design/page.tsx'
import { Loaded } from '../design/state.tsx'
import { useProject } from './project-page.tsx'

/** What is known of a format: its name and what it is for. */
const known: Readonly<Record<string, readonly [name: string, note: string]>> = {
  'trl-preference': ['TRL, preference', 'prompt, chosen, rejected: for reward models, DPO and its kin'],
  'trl-unpaired': ['TRL, unpaired preference', 'prompt, completion, label: for KTO'],
  'trl-prompt-completion': ['TRL, prompt and completion', 'for supervised fine-tuning on what people wrote'],
  'trl-language-modeling': ['TRL, language modeling', 'the same whole: one text, or one conversation'],
  'trl-prompt-only': [
    'TRL, prompts only',
    'each prompt once: for methods that sample the answers, like GRPO',
  ],
  'trl-stepwise': [
    'TRL, stepwise supervision',
    'lines of answers checked against rules: for process rewards',
  ],
  jsonl: ['JSON Lines', 'every judgment with who, when and how long'],
  csv: ['CSV', 'one row a judgment, for spreadsheets'],
  parquet: ['Parquet', 'one row a judgment, in columns: for pandas, DuckDB, Hugging Face datasets'],
  argilla: ['Argilla', 'records with responses'],
  'label-studio': ['Label Studio', 'tasks with annotations'],
}

/** The kinds of protocol that a format has rows of; other formats take every kind. */
const rowsOf: Readonly<Record<string, readonly string[]>> = {
  'trl-preference': ['comparison', 'ranking', 'edit'],
  'trl-unpaired': ['binary', 'comparison'],
  'trl-prompt-completion': ['demonstration', 'edit'],
  'trl-language-modeling': ['demonstration', 'edit'],
  'trl-stepwise': ['rule-check', 'violation'],
}

interface Description {
  readonly paths: Readonly<
    Record<
      string,
      { readonly get?: { readonly parameters?: readonly { name: string; schema?: { enum?: string[] } }[] } }
    >
  >
}

/** The formats that this server writes, as its own description lists them. */
export function formatsOf({ paths }: Description): readonly string[] {
  const parameters = paths['/api/projects/{id}/export']?.get?.parameters ?? []
  return parameters.find(({ name }) => name === 'format')?.schema?.enum ?? []
}

/** A format in words; one that these pages do not know goes by its own name. */
export function formatName(format: string): readonly [name: string, note: string] {
  const base = known[format.replace(/-parquet$/, '')]
  if (format !== 'parquet' && format.endsWith('-parquet') && base) return [`${base[0]}, Parquet`, base[1]]
  return known[format] ?? [format, '']
}

/** Whether a format has rows of what a protocol asks for. */
export function hasRows(format: string, kind: string): boolean {
  return rowsOf[format.replace(/-parquet$/, '')]?.includes(kind) ?? true
}

/** The judgments as files of formats that trainers and other tools read. */
export function ExportPage() {
  const { id, progress, protocol } = useProject()
  const formats = useQuery<readonly string[], Error>({
    queryKey: ['openapi', 'export formats'],
    queryFn: async () => formatsOf((await (await fetch('/openapi.json')).json()) as Description),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <Section title="Export" lede={`${progress.done} answers, streamed as they are stored.`}>
      <Loaded query={formats}>
        {(list) => {
          const others = list.filter((format) => !hasRows(format, protocol.kind))
          return (
            <>
              <ul className="exports">
                {list
                  .filter((format) => !others.includes(format))
                  .map((format) => (
                    <Download key={format} project={id} format={format} />
                  ))}
              </ul>
              {others.length > 0 && (
                <p className="muted small">
                  Answers of this kind make no rows of:{' '}
                  {others.map((other) => formatName(other)[0]).join('; ')}.
                </p>
              )}
            </>
          )
        }}
      </Loaded>
    </Section>
  )
}

function Download({ project, format }: { project: string; format: string }) {
  const [name, note] = formatName(format)
  return (
    <li>
      <a href={`/api/projects/${encodeURIComponent(project)}/export?format=${format}`} download>
        <Icon name="download" />
        <span>
          <strong>{name}</strong>
          <span className="muted small block">{note}</span>
        </span>
      </a>
    </li>
  )
}
