import { useId, useState } from 'react'

/** A file that was read. */
export interface PickedFile {
  readonly name: string
  readonly text: string
}

/** Takes a text file by dropping it or by choosing it. */
export function FileDrop({
  file,
  onFile,
  accept,
}: {
  file: PickedFile | null
  onFile: (file: PickedFile) => void
  accept: string
}) {
  const id = useId()
  const [over, setOver] = useState(false)
  const read = async (picked: File | undefined) => {
    if (picked) onFile({ name: picked.name, text: await picked.text() })
  }
  return (
    <label
      htmlFor={id}
      className={over ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        void read(event.dataTransfer.files[0])
      }}
    >
      <input
        id={id}
        type="file"
        accept={accept}
        className="hidden"
        onChange={(event) => void read(event.target.files?.[0])}
      />
      {file ? (
        <span>
          <strong>{file.name}</strong>{' '}
          <span className="muted">{file.text.split('\n').filter(Boolean).length} lines. Choose another.</span>
        </span>
      ) : (
        <span>
          <strong>Drop a file here</strong> <span className="muted">or choose one: JSON Lines or CSV</span>
        </span>
      )}
    </label>
  )
}

/** The first records of a file in words, to see that it is read as meant. */
export function Preview({ file }: { file: PickedFile }) {
  const lines = file.text.split('\n').filter(Boolean).slice(0, 3)
  return (
    <pre className="recipe small">
      {lines.map((line) => (line.length > 180 ? `${line.slice(0, 180)} …` : line)).join('\n')}
    </pre>
  )
}
