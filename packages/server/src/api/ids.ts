import { z } from '@hono/zod-openapi'

/** An id: letters, digits, dots, hyphens and underscores, nothing that means something in a path. */
export const id = z
  .string()
  .regex(
    /^[A-Za-z0-9_](?:[A-Za-z0-9_-]|\.(?!\.)){0,127}$/,
    'letters, digits, hyphens, underscores, single dots',
  )
  .openapi({ example: '0193c0de-0000-7000-8000-000000000000' })

/** Name of a run: what `attune run` takes as a recipe's name. */
export const runName = z
  .string()
  .regex(/^[a-z0-9-]{1,80}$/, 'lower-case letters, digits and hyphens, at most 80')
  .openapi({ example: 'round-1' })

/** A short line of text, such as a name. */
export const line = z.string().trim().min(1).max(200)

export const idParams = z.object({ id })
export const runParams = z.object({ name: runName })

/** Where in a list to go on, and how much of it to give. */
export const page = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})

/** A part of a list; `nextCursor` is null at its end. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

/** An idempotency key, made by the client, one for each thing it sends. */
export const idempotencyKey = z.string().regex(/^[\x21-\x7e]{8,200}$/, '8 to 200 visible characters')

export const done = z.object({ ok: z.literal(true) })
