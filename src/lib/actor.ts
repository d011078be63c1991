/** Roles nest: each may do what the ones before it may. */
export const roles = ['user', 'critic', 'moderator', 'admin'] as const
export type Role = (typeof roles)[number]

/** Who asks. */
export interface Actor {
  readonly id: string
  readonly role: Role
  readonly isVerified: boolean
  /** The session that the request belongs to. */
  readonly sessionId?: string
}

/** What a route asks of its caller: nobody in particular, an account, a verified one, or at least a role. */
export const accessLevels = ['public', 'user', 'verified', 'critic', 'moderator', 'admin'] as const
export type Access = (typeof accessLevels)[number]

/** Whether `role` is `least` or above it. */
export const hasRole = (role: Role, least: Role): boolean => roles.indexOf(role) >= roles.indexOf(least)
