/** What a title is rated by, beside the overall rating. */
export const criteria = ['cultural_authenticity', 'production_quality', 'story', 'acting', 'cinematography'] as const
