/** Distinct n-grams as a share of all n-grams in the texts (Li et al. 2016); words are split at spaces. */
export function distinctN(texts: readonly string[], n: number): number {
  const seen = new Set<string>()
  let total = 0
  for (const text of texts) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    for (let i = 0; i + n <= words.length; i++) {
      seen.add(words.slice(i, i + n).join(' '))
      total++
    }
  }
  return total === 0 ? 0 : seen.size / total
}
