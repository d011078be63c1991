/** Reserved addresses: one account per role, only where DEMO is on, never in production. */
export const demoAccounts = [
  { email: 'admin@lemonnpie.test', name: 'Demo Admin', role: 'admin' },
  { email: 'moderator@lemonnpie.test', name: 'Demo Moderator', role: 'moderator' },
  { email: 'critic@lemonnpie.test', name: 'Demo Critic', role: 'critic' },
  { email: 'user@lemonnpie.test', name: 'Demo User', role: 'user' },
] as const

/** The password of all four: public, which is why they exist only where DEMO is on. */
export const demoPassword = 'LemonPie!2026'
