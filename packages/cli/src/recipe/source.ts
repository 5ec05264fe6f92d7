import { z } from 'zod'

/** A file or folder, the output of an earlier stage as `stage:<name>`, or a table of a hub as `hub:<owner>/<name>[@revision][:path]`. */
export const source = z.string().min(1)

/** A file or a table of a hub, where the output of a stage cannot be read. */
export const fileSource = source.regex(
  /^(?!(stage|previous|every):)/,
  'expected a file or a table of a hub; the output of a stage cannot be read here',
)
