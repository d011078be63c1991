import slugify from '@sindresorhus/slugify'

/** Letters of Hausa that slugify drops; it knows every other one of our languages. */
const customReplacements: [string, string][] = [
  ['ɗ', 'd'],
  ['Ɗ', 'D'],
  ['ƙ', 'k'],
  ['Ƙ', 'K'],
  ['ɓ', 'b'],
  ['Ɓ', 'B'],
  ['ƴ', 'y'],
  ['Ƴ', 'Y'],
]

/**
 * Text as a slug: `Ɗan Mu'azu & Sons` → `dan-muazu-and-sons`. Empty when there is no letter or digit in it.
 * @param maxLength in characters; a longer slug is cut between words
 */
export function slugOf(text: string, maxLength = 180): string {
  const plain = text.replace(/['’‘ʼʻ`´]/g, '')
  const slug = slugify(plain, { customReplacements, decamelize: false })
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  if (slug.length <= maxLength) return slug
  const cut = slug.slice(0, maxLength)
  return cut.slice(0, cut.lastIndexOf('-') > 0 ? cut.lastIndexOf('-') : maxLength)
}
