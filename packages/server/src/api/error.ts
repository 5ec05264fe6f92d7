import { z } from '@hono/zod-openapi'

/** Every failure has this form; `message` says what was found, what was expected and what to do. */
export const errorResponse = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      /** Path of the field that was wrong, as `body.judgment.preferred`. */
      field: z.string().optional(),
    }),
  })
  .openapi('Error')
