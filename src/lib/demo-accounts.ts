/** Reserved addresses: one account per role, of use only where DEMO is on, never in production. The ids stand in examples. */
export const demoAccounts = [
  { id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b11', email: 'admin@lemonnpie.test', name: 'Demo Admin', role: 'admin' },
  {
    id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b12',
    email: 'moderator@lemonnpie.test',
    name: 'Demo Moderator',
    role: 'moderator',
  },
  { id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b13', email: 'critic@lemonnpie.test', name: 'Demo Critic', role: 'critic' },
  { id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b14', email: 'user@lemonnpie.test', name: 'Demo User', role: 'user' },
] as const

/** The password of all four: public, which is why they are of use only where DEMO is on. */
export const demoPassword = 'LemonPie!2026'

export const demoEmailKeys: readonly string[] = demoAccounts.map(({ email }) => email)

/** Whether an address, in the form that tells accounts apart, is a demo account's: nobody else ever gets it. */
export const isReserved = (emailKey: string): boolean => demoEmailKeys.includes(emailKey)

/** Whether an address is a demo account's that nobody is let in with: a database may have them from when DEMO was on. */
export const isClosedDemo = ({ DEMO }: { readonly DEMO: 'on' | 'off' }, emailKey: string): boolean =>
  DEMO !== 'on' && isReserved(emailKey)
