import type { Actor } from '../src/lib/actor.ts'
import type { Plan } from './explain.ts'
import { explaining } from './explain-run.ts'

export interface ReviewPaths {
  /** First and deep pages of the title with most reviews. */
  readonly lists: readonly string[]
  readonly author: string
  /** A title that the author has not reviewed, and a review of somebody else's. */
  readonly movie: string
  readonly review: string
}

const body = (movie: string) => ({
  movie_id: movie,
  lemon_pie_rating: 8,
  story_rating: 7,
  review_text: 'The drums, the dresses and the last scene stay with me: a film for the whole compound.',
  review_language: 'en',
  nollywood_tags: ['must_watch', 'Lagos life'],
})

/** The plans of reading, writing and voting, as anybody and signed in. What is written is taken away again. */
export async function explainReviews(databaseUrl: string, paths: ReviewPaths): Promise<Map<string, Plan[]>> {
  const { lists, author, movie, review } = paths
  const anybodys = await explaining(
    databaseUrl,
    () => null,
    async ({ ask }) => {
      for (const path of lists) await ask('GET', path)
      await ask('GET', `/api/v1/reviews/${review}`)
    },
  )
  const actor: Actor = { id: author, role: 'user', isVerified: true }
  const own = await explaining(
    databaseUrl,
    () => actor,
    async ({ ask }) => {
      for (const path of lists) await ask('GET', path)
      const { id } = (await ask('POST', '/api/v1/reviews', body(movie))).json() as { id: string }
      await ask('GET', `/api/v1/reviews/${id}`)
      await ask('PUT', `/api/v1/reviews/${id}`, {
        lemon_pie_rating: 7,
        review_text: `${body(movie).review_text} Twice.`,
      })
      await ask('DELETE', `/api/v1/reviews/${id}`)
      await ask('POST', `/api/v1/reviews/${review}/vote`, { vote_type: 'helpful' })
      await ask('POST', `/api/v1/reviews/${review}/vote`, { vote_type: 'unhelpful' })
      await ask('DELETE', `/api/v1/reviews/${review}/vote`)
      await ask('GET', `/api/v1/users/${author}/reviews`)
    },
  )
  const named = (who: string, plans: Map<string, Plan[]>) =>
    [...plans].map(([request, ofRequest]) => [`${who}: ${request}`, ofRequest] as const)
  return new Map([...named('anybody', anybodys), ...named('signed in', own)])
}
