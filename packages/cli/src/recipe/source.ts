import { z } from 'zod'

/** A file or folder, or the output of an earlier stage as `stage:<name>`. */
export const source = z.string().min(1)
