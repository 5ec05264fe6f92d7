import type { Handlers } from '../http/handler.ts'
import type { Services } from '../services.ts'
import { agreementHandlers } from './agreement.ts'
import { arenaHandlers } from './arena.ts'
import { exchangeHandlers } from './exchange.ts'
import { feedbackHandlers } from './feedback.ts'
import { labellingHandlers } from './labelling.ts'
import { liveHandlers } from './live.ts'
import { openAiHandlers } from './openai.ts'
import { peopleHandlers } from './people.ts'
import { projectHandlers } from './projects.ts'
import { runHandlers } from './runs.ts'
import { selectionHandlers } from './selection.ts'
import { sessionHandlers } from './session.ts'

/** Every endpoint's handler. */
export function handlers(services: Services & { folder: string }): Handlers {
  return {
    ...sessionHandlers(services),
    ...projectHandlers(services),
    ...labellingHandlers(services),
    ...exchangeHandlers(services),
    ...selectionHandlers(services),
    ...agreementHandlers(services),
    ...peopleHandlers(services),
    ...runHandlers(services),
    ...liveHandlers(services),
    ...arenaHandlers(services),
    ...openAiHandlers(services),
    ...feedbackHandlers(services),
  }
}
