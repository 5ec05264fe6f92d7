/** Distinct n-grams as a share of all n-grams in the texts (Li et al. 2016); 0 when there is none. */
export function distinctN(texts: readonly string[], n: number): number {
  const grams = texts.flatMap((text) => gramsOf(text, n))
  return grams.length === 0 ? 0 : new Set(grams).size / grams.length
}

/** Share of n-grams that repeat an earlier one of the same text, mean over texts (seq-rep-n of Welleck et al. 2020). */
export function repetitionRate(texts: readonly string[], n = 4): number {
  const rates = texts.flatMap((text) => {
    const grams = gramsOf(text, n)
    return grams.length === 0 ? [] : [1 - new Set(grams).size / grams.length]
  })
  return rates.length === 0 ? 0 : rates.reduce((a, b) => a + b, 0) / rates.length
}

/** Runs of n words, in lower case and split at white space. */
function gramsOf(text: string, n: number): string[] {
  if (!(Number.isInteger(n) && n > 0)) throw new RangeError(`n is ${n}, expected 1 or more`)
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return words.slice(n - 1).map((_, start) => words.slice(start, start + n).join(' '))
}
