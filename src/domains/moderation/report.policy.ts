/** docs/moderation.md explains the figures. */
export const reportFigures = {
  /** Reports that one account may send in 24 hours. */
  perDay: 30,
  /** Open reports by accounts in good standing that flag a review. */
  flagging: 3,
} as const
