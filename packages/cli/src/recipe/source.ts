import { z } from 'zod'

/** A file or folder, the output of an earlier stage as `stage:<name>`, or a table of a hub as `hub:<owner>/<name>[@revision][:path]`. */
export const source = z.string().min(1)
