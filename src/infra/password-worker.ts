// Runs in the threads of the password pool, each of which does one thing at a time.
import { compareSync, hashSync } from 'bcryptjs'

export const hash = ({ password, cost }: { password: string; cost: number }): string => hashSync(password, cost)

export const verify = ({ password, hash }: { password: string; hash: string }): boolean => compareSync(password, hash)
