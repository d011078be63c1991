import { slugOf } from './slug.ts'

/** A tag in its one form: lower case, no tone marks, words joined by underscores. Empty when nothing of it is left. */
export const tagOf = (text: string): string => slugOf(text).replaceAll('-', '_')
