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
  jsonl: ['JSON Lines', 'every judgment with who, when and how long'],
  csv: ['CSV', 'one row a judgment, for spreadsheets'],
  parquet: ['Parquet', 'one row a judgment, in columns: for pandas, DuckDB, Hugging Face datasets'],
  argilla: ['Argilla', 'records with responses'],
  'label-studio': ['Label Studio', 'tasks with annotations'],
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

/** The judgments as files of formats that trainers and other tools read. */
export function ExportPage() {
  const { id, progress } = useProject()
  const formats = useQuery<readonly string[], Error>({
    queryKey: ['openapi', 'export formats'],
    queryFn: async () => formatsOf((await (await fetch('/openapi.json')).json()) as Description),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <Section title="Export" lede={`${progress.done} answers, streamed as they are stored.`}>
      <Loaded query={formats}>
        {(list) => (
          <ul className="exports">
            {list.map((format) => {
              const [name, note] = formatName(format)
              return (
                <li key={format}>
                  <a href={`/api/projects/${encodeURIComponent(id)}/export?format=${format}`} download>
                    <Icon name="download" />
                    <span>
                      <strong>{name}</strong>
                      <span className="muted small block">{note}</span>
                    </span>
                  </a>
                </li>
              )
            })}
          </ul>
        )}
      </Loaded>
    </Section>
  )
}
