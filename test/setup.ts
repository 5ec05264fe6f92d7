import fc from 'fast-check'

/** Properties draw the same examples every time; PROPERTY_SEED=7 looks at others. */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) })
