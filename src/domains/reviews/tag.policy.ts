import { type FieldProblem, validationError } from '../../lib/errors.ts'
import { tagOf } from '../../lib/tag.ts'

const longest = 40

/**
 * The tags of a body in their one form, each once, in the order of the author.
 * @throws AppError 422 naming every one that has no letter or digit, or grows too long
 */
export function tagsOf(texts: readonly string[]): string[] {
  const tags = texts.map(tagOf)
  const problems = tags.flatMap((tag, index): FieldProblem[] => {
    if (tag === '') return [{ field: `body.nollywood_tags.${index}`, message: 'must have a letter or a digit' }]
    if (tag.length > longest) {
      return [{ field: `body.nollywood_tags.${index}`, message: `must NOT have more than ${longest} characters` }]
    }
    return []
  })
  if (problems.length > 0) throw validationError({ details: problems })
  return [...new Set(tags)]
}
