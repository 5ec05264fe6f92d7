import { Button } from '../design/button.tsx'
import { useOutbox, useOutboxState } from './outbox-context.tsx'

/** Says how many answers wait in this browser while the server is away, and which it refused. */
export function OutboxBanner() {
  const outbox = useOutbox()
  const { entries, reachable } = useOutboxState()
  const refused = entries.filter((entry) => entry.refused !== undefined)
  const waiting = entries.length - refused.length
  return (
    <div role="status">
      {!reachable && (
        <p className="banner">
          <strong>The server cannot be reached.</strong>
          <span>
            {waiting === 0 && 'You can go on.'}
            {waiting === 1 && 'One answer is kept in this browser and will be sent when it is back.'}
            {waiting > 1 && `${waiting} answers are kept in this browser and will be sent when it is back.`}
          </span>
          <Button size="small" onClick={() => void outbox.flush()}>
            Send now
          </Button>
        </p>
      )}
      {refused.map(({ key, refused: reason }) => (
        <p className="banner bad" key={key}>
          <strong>An answer was not accepted.</strong>
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
