interface CountLimits {
  readonly fallback?: unknown
  readonly most?: number
}

/** Reads fields of a JSON file; every complaint names the file, the field, what was found and what was expected. */
export function fieldReader(json: Readonly<Record<string, unknown>>, where: string) {
  const fail = (field: string, expected: string): never => {
    throw new Error(`${where}: ${field} is ${JSON.stringify(json[field])}, expected ${expected}`)
  }
  return {
    where,
    fail,
    count: (field: string, { fallback, most = 2 ** 31 - 1 }: CountLimits = {}): number => {
      const value = json[field] ?? fallback
      return Number.isInteger(value) && (value as number) > 0 && (value as number) <= most
        ? (value as number)
        : fail(field, `a whole number from 1 to ${most}`)
    },
    positive: (field: string, fallback: number): number => {
      const value = json[field] ?? fallback
      return typeof value === 'number' && value > 0 && Number.isFinite(value)
        ? value
        : fail(field, 'a number above 0')
    },
    flag: (field: string, fallback: boolean): boolean => {
      const value = json[field] ?? fallback
      return typeof value === 'boolean' ? value : fail(field, 'true or false')
    },
    oneOf: (field: string, choices: readonly string[], fallback: string): string => {
      const value = json[field] ?? fallback
      return choices.includes(value as string) ? (value as string) : fail(field, choices.join(' or '))
    },
    even: (what: string, value: number): void => {
      if (value % 2 !== 0)
        throw new Error(`${where}: ${what} is ${value}, expected an even number: rotary positions turn pairs`)
    },
    divides: (field: string, value: number, whole: { field: string; value: number }): void => {
      if (whole.value % value !== 0) fail(field, `a divisor of ${whole.field} (${whole.value})`)
    },
  }
}

/** What `fieldReader` gives. */
export type FieldReader = ReturnType<typeof fieldReader>
