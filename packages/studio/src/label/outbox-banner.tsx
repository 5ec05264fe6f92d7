import { Button } from '../design/button.tsx'
import { useOutbox, useOutboxState } from './outbox-context.tsx'

/** Says how many answers wait in this browser while the server cannot take them, and which it refused. */
export function OutboxBanner() {
  const outbox = useOutbox()
  const { entries, problem } = useOutboxState()
  const refused = entries.filter((entry) => entry.refused !== undefined)
  const waiting = entries.length - refused.length
  return (
    <div role="status">
      {problem && waiting > 0 && (
        <p className="banner">
          <strong>
            {problem.status === 0 ? 'The server cannot be reached.' : 'The server cannot take answers now.'}
          </strong>
          <span>
            {waiting === 1
              ? 'One answer is kept in this browser and will be sent when it is back.'
              : `${waiting} answers are kept in this browser and will be sent when it is back.`}
            {problem.status !== 0 && ` It says: ${problem.message}`}
          </span>
          <Button size="small" onClick={() => void outbox.flush()}>
            Send now
          </Button>
        </p>
      )}
      {refused.map(({ key, refused: reason, withdrawn }) => (
        <p className="banner bad" key={key}>
          <strong>{withdrawn ? 'An answer could not be taken back.' : 'An answer was not accepted.'}</strong>
          <span>{reason}</span>
          <Button size="small" onClick={() => outbox.retry(key)}>
            Send again
          </Button>
          <Button size="small" onClick={() => outbox.discard(key)}>
            Discard it
          </Button>
        </p>
      ))}
    </div>
  )
}
