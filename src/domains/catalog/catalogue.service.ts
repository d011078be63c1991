import type { Needs } from '../../context.ts'
import { genreFamilies } from './genre.cache.ts'
import { movieFamilies, movieListFamilies, reviewedFamilies } from './movie.cache.ts'

/** Forgets, in every process, all that is kept of the catalogue and shows it: for whoever changed much of it at once. */
export const forgetCatalogue = ({ cache }: Needs<'cache'>): Promise<void> =>
  cache.forgetFamilies(...movieFamilies, ...movieListFamilies, ...genreFamilies, ...reviewedFamilies)
