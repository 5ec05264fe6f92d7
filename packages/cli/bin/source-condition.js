/** Resolves packages of this workspace to their sources. */
export function resolve(specifier, context, next) {
  return next(specifier, { ...context, conditions: ['source', ...context.conditions] })
}
